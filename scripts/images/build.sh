#!/usr/bin/env bash
# Builds every target of the Dockerfile and starts each image once, without a Docker daemon.
#
# Where a registry is reachable, set NODE_IMAGE to the official image and it is used. Where none
# is, a stand-in with the official image's name is made from Debian (debootstrap) and the Node
# that npm installed; then the official image itself was NOT run, and this script says so.
set -euo pipefail
cd "$(dirname "$0")/../.."

export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
export STORAGE_ROOT="${IMAGES_DIR:-/var/tmp/clearinghouse-images}"
NODE_IMAGE="${NODE_IMAGE:-$(sed -n 's/^ARG NODE_IMAGE=//p' Dockerfile)}"
buildah=(buildah --root "$STORAGE_ROOT/root" --runroot "$STORAGE_ROOT/run")

say() { printf '\n== %s\n' "$*"; }

need() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" = 0 ] || { echo "$1 is missing: install it (Debian: apt-get install $1)" >&2; exit 1; }
  apt-get update -q >/dev/null && apt-get install -yq --no-install-recommends "$1" >/dev/null
}

make_stand_in() {
  say "no image $NODE_IMAGE here: making a stand-in of that name (the official one is not run)"
  need debootstrap
  local tree="$STORAGE_ROOT/base"
  if [ ! -e "$tree/.complete" ]; then
    rm -rf "$tree" && mkdir -p "$tree"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$tree" "${DEBIAN_MIRROR:-}" >/dev/null
    install -m 755 node_modules/node-linux-*/bin/node "$tree/usr/local/bin/node"
    cp -r "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$tree/usr/local/lib/npm"
    printf '#!/bin/sh\nexec node /usr/local/lib/npm/bin/npm-cli.js "$@"\n' >"$tree/usr/local/bin/npm"
    chmod 755 "$tree/usr/local/bin/npm"
    # Whatever lets this machine's npm reach its registry must hold inside the build too.
    if [ -f "$HOME/.npmrc" ]; then cp "$HOME/.npmrc" "$tree/root/.npmrc"; fi
    local cafile
    cafile=$(npm config get cafile 2>/dev/null || true)
    if [ -f "$cafile" ]; then
      install -D -m 644 "$cafile" "$tree$cafile"
      printf 'cafile=%s\n' "$cafile" >>"$tree/root/.npmrc"
    fi
    touch "$tree/.complete"
  fi
  local container
  container=$("${buildah[@]}" from scratch)
  "${buildah[@]}" copy -q "$container" "$tree" / >/dev/null
  "${buildah[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  "${buildah[@]}" commit -q "$container" "docker.io/library/$NODE_IMAGE" >/dev/null
  "${buildah[@]}" rm "$container" >/dev/null
}

# Runs an image as an ordinary user and checks what it says.
check_image() { # check_image TARGET EXPECTED COMMAND...
  local target="$1" expected="$2" container output
  shift 2
  container=$("${buildah[@]}" from --pull-never "clearinghouse-$target:local")
  output=$("${buildah[@]}" run --user 10001:10001 "$container" -- "$@" 2>&1) || true
  "${buildah[@]}" rm "$container" >/dev/null
  if ! grep -q -- "$expected" <<<"$output"; then
    printf '%s\n' "$output" >&2
    echo "image $target did not say: $expected" >&2
    exit 1
  fi
  echo "$target: ok"
}

need buildah
mkdir -p "$STORAGE_ROOT"
"${buildah[@]}" inspect --type image "docker.io/library/$NODE_IMAGE" >/dev/null 2>&1 \
  || "${buildah[@]}" pull -q "docker.io/library/$NODE_IMAGE" >/dev/null 2>&1 \
  || make_stand_in

for target in auth billing signer init devnet; do
  say "build $target"
  "${buildah[@]}" bud --pull-never -q --build-arg "NODE_IMAGE=$NODE_IMAGE" \
    --target "$target" -t "clearinghouse-$target:local" . >/dev/null
done

say "run each image as uid 10001"
# Without its secrets a service must name what is missing and refuse.
check_image auth 'DATABASE_URL' node services/auth/src/index.ts
check_image billing 'DATABASE_URL' node services/billing/src/index.ts
check_image signer 'JOURNAL_DIR' node services/signer/src/index.ts
check_image init 'usage' node scripts/secrets.ts --help
check_image devnet 'DEVNET_PORT' env DEVNET_PORT=none node packages/devnet/src/run-cli.ts
check_image devnet 'anvil' node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil --version
for target in auth billing signer; do
  check_image "$target" '10001' id -u
done
say "all images were built and run"
