# One file, one target per image: auth, billing, signer, init, devnet. Nothing runs as root.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/shared/package.json packages/shared/
COPY packages/embedded/package.json packages/embedded/
COPY packages/devnet/package.json packages/devnet/
COPY packages/testing/package.json packages/testing/
COPY packages/gateway-double/package.json packages/gateway-double/
COPY packages/stack/package.json packages/stack/
COPY services/auth/package.json services/auth/
COPY services/billing/package.json services/billing/
COPY services/signer/package.json services/signer/

# Only what one service needs; Node comes from the base image, so optional packages stay out.
FROM manifests AS auth-modules
# The password hash has its native part in an optional package of this platform.
RUN npm ci --omit=dev -w services/auth -w packages/shared

FROM manifests AS billing-modules
RUN npm ci --omit=dev --omit=optional -w services/billing -w packages/shared

FROM manifests AS signer-modules
RUN npm ci --omit=dev --omit=optional -w services/signer -w packages/shared

FROM manifests AS devnet-modules
RUN npm ci --omit=dev -w packages/devnet -w packages/shared

FROM manifests AS init-modules
RUN npm ci --omit=dev --omit=optional -w packages/stack -w packages/embedded -w packages/shared

FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production
WORKDIR /app
# Volumes are made from these folders; any user id that compose runs with may write there.
RUN mkdir -p -m 1777 /var/lib/clearinghouse/journal /var/lib/clearinghouse/devnet
USER 10001:10001

FROM base AS auth
COPY --from=auth-modules /app /app
COPY packages/shared packages/shared
COPY services/auth services/auth
COPY migrations/auth migrations/auth
COPY --chmod=755 deploy/admin /usr/local/bin/admin
CMD ["node", "services/auth/src/index.ts"]

FROM base AS billing
COPY --from=billing-modules /app /app
COPY packages/shared packages/shared
COPY services/billing services/billing
COPY migrations/billing migrations/billing
CMD ["node", "services/billing/src/index.ts"]

FROM base AS signer
COPY --from=signer-modules /app /app
COPY packages/shared packages/shared
COPY services/signer services/signer
COPY --chmod=755 deploy/signer /usr/local/bin/signer
CMD ["node", "services/signer/src/index.ts"]

FROM base AS init
COPY --from=init-modules /app /app
COPY packages/shared packages/shared
COPY scripts/secrets.ts scripts/secrets.ts
COPY scripts/secrets scripts/secrets
COPY packages/stack packages/stack
COPY packages/embedded packages/embedded
COPY packages/devnet packages/devnet
# Writes into the operator's folder, whose owner it takes over from the folder itself.
USER 0:0
CMD ["node", "scripts/secrets.ts", "--dir", "/out"]

FROM base AS devnet
COPY --from=devnet-modules /app /app
COPY packages/shared packages/shared
COPY packages/devnet packages/devnet
CMD ["node", "packages/devnet/src/run-cli.ts"]
