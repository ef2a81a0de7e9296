import { z } from 'zod';
import { KEY_SCOPES } from '../api-keys/api-key.ts';
import { ROLES } from '../teams/role.ts';

const time = z.iso.datetime();
const money = z.string().regex(/^-?[0-9]{1,38}$/);
const status = z.enum(['active', 'suspended']);
const nextPage = z.object({ after: z.string() }).nullable();

/** Every body that the API answers with. A test holds real answers to them. */
const app = z.object({
  id: z.string(),
  name: z.string(),
  status,
  isFirstParty: z.boolean(),
  anonymousAccess: z.boolean(),
  createdAt: time,
});
const createdApp = z.object({
  app: z.object({ id: z.string(), name: z.string(), status }),
  publicClientId: z.string(),
  machine: z.object({
    clientId: z.string(),
    clientSecret: z.string().optional().describe('In the first answer only.'),
    scopes: z.array(z.string()),
  }),
});
const client = z.object({
  id: z.string(),
  kind: z.enum(['public', 'machine', 'web']),
  name: z.string(),
  scopes: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  status: z.enum(['active', 'suspended', 'revoked']),
  createdAt: time,
  rotationDue: z.object({ since: time, reason: z.string() }).nullable(),
});
const user = z.object({
  id: z.string(),
  clientId: z.string(),
  externalUserId: z.string(),
  email: z.string().nullable(),
  status: z.enum(['active', 'inactive']),
  role: z.string(),
  createdAt: time,
});
const key = z.object({
  id: z.string(),
  clientId: z.string(),
  userId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(['secret', 'publishable']),
  mode: z.enum(['live', 'test']),
  display: z.string().describe('How it begins and ends.'),
  scopes: z.array(z.enum(KEY_SCOPES)),
  resources: z.array(z.string()),
  allowedOrigins: z.array(z.string()),
  ipAllowlist: z.array(z.string()),
  rateLimit: z.object({ limit: z.number(), windowSeconds: z.number().nullable() }).nullable(),
  createdAt: time,
  expiresAt: time,
  rotatedFrom: z.string().nullable(),
  graceExpiresAt: time.nullable(),
  rotationDue: z.object({ since: time, reason: z.string().nullable() }).nullable(),
  revokedAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
const shownKey = key.extend({ key: z.string().describe('Shown this once.') });
const grant = z.object({
  id: z.string(),
  clientId: z.string(),
  userId: z.string().nullable(),
  externalUserId: z.string().nullable().describe('Null: not a user of the app yet.'),
  scopes: z.array(z.string()),
  resources: z.array(z.string()),
  grantedAt: time,
  expiresAt: time,
});
const issuer = z.object({
  id: z.string(),
  clientId: z.string(),
  issuer: z.string(),
  jwksUri: z.string(),
  algs: z.array(z.string()),
  audience: z.string(),
  subjectClaim: z.string(),
  provisionsUsers: z.boolean(),
  createdAt: time,
});
const team = z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) });
const teamLine = z.object({
  id: z.string(),
  name: z.string(),
  memberCount: z.number().int(),
  appCount: z.number().int(),
  createdAt: time,
});
const members = z.array(
  z.object({
    accountId: z.string(),
    email: z.string().nullable(),
    displayName: z.string().nullable(),
    role: z.enum(ROLES),
    joinedAt: time,
  }),
);
const invitations = z.array(
  z.object({
    id: z.string(),
    teamId: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    expiresAt: time,
  }),
);
const teamApps = z.array(z.object({ id: z.string(), name: z.string(), status }));
const account = z.object({
  id: z.string(),
  email: z.string().nullable(),
  isEmailVerified: z.boolean(),
  displayName: z.string().nullable(),
  status,
  isOperator: z.boolean(),
  hasPassword: z.boolean(),
  createdAt: time,
});
const audit = z.object({
  id: z.string(),
  occurredAt: time,
  appId: z.string().nullable(),
  actor: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  reason: z.string().nullable(),
  requestId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
const cap = z.looseObject({
  scope: z.enum(['app', 'user', 'key']),
  scopeId: z.string(),
  metric: z.string(),
  period: z.string(),
  limit: money.nullable(),
  used: money,
  held: money,
});
const token = z.looseObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
  scope: z.string(),
});

export const ANSWERS = {
  done: z.object({ success: z.literal(true) }),
  app,
  apps: z.object({ apps: z.array(app), next: nextPage }),
  appStatus: z.object({ id: z.string(), status }),
  createdApp,
  client,
  clients: z.object({ clients: z.array(client), next: nextPage }),
  createdClient: z.object({
    clientId: z.string(),
    kind: z.enum(['public', 'machine', 'web']),
    clientSecret: z.string().optional().describe('Shown this once; of clients that have one.'),
  }),
  shownSecret: z.object({ clientId: z.string(), clientSecret: z.string() }),
  changedClient: z.object({
    clientId: z.string(),
    scopes: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  }),
  user,
  users: z.object({ users: z.array(user), next: nextPage }),
  endedSessions: z.object({ ended: z.number().int() }),
  grants: z.object({ grants: z.array(grant), next: nextPage }),
  key,
  keys: z.object({ keys: z.array(key), next: nextPage }),
  shownKey,
  rotatedKey: shownKey.extend({ previousEndsAt: time }),
  revoked: z.object({ revoked: z.number().int() }),
  userToken: token.extend({ refresh_token: z.string(), subject_type: z.literal('app_user') }),
  session: token.extend({ signer_url: z.string() }),
  routing: z.looseObject({ clientId: z.string(), routing: z.looseObject({}) }),
  issuer,
  issuers: z.object({ externalIssuers: z.array(issuer), next: nextPage }),
  teams: z.object({ teams: z.array(team), next: nextPage }),
  team,
  members: z.object({ members, next: nextPage }),
  invitations: z.object({ invitations, next: nextPage }),
  invitation: z.object({ id: z.string(), expiresAt: time }),
  joined: z.object({ teamId: z.string(), role: z.enum(ROLES) }),
  keysDue: z.object({
    keysDue: z.array(z.string()),
    clientsDue: z.array(z.string()).describe('Whose secrets the person was shown.'),
  }),
  teamApps: z.object({ apps: teamApps, next: nextPage }),
  allTeams: z.object({ teams: z.array(teamLine), next: nextPage }),
  operator: z.union([
    z.object({ link: z.url(), expiresInSec: z.number() }),
    z.object({ accountId: z.string(), isOperator: z.literal(true) }),
  ]),
  newTeam: z.object({
    id: z.string(),
    name: z.string(),
    ownerId: z.string().nullable().describe('Null: invited, and not here yet.'),
    invitation: z.object({ id: z.string(), expiresAt: time }).nullable(),
  }),
  teamView: teamLine.extend({ members, invitations, apps: teamApps }),
  account,
  accounts: z.object({ accounts: z.array(account), next: nextPage }),
  accountView: account.extend({
    passkeyCount: z.number().int(),
    identities: z.array(z.object({ kind: z.enum(['wallet', 'oidc']), label: z.string() })),
    sessionCount: z.number().int(),
    teams: z.array(team),
  }),
  auditPage: z.object({
    entries: z.array(audit),
    next: z.object({ before: z.string() }).nullable(),
  }),
  auditProof: z.object({
    sealed: z.number(),
    purged: z.number(),
    unsealed: z.number(),
    faults: z.array(z.object({ entryId: z.string(), fault: z.string() })),
    head: z.string(),
  }),
  signingKeys: z.object({
    keys: z.array(
      z.object({ kid: z.string(), alg: z.string(), status: z.enum(['next', 'active', 'retired']) }),
    ),
  }),
  rotatedSigningKey: z.object({ rotated: z.enum(['ES256', 'RS256']) }),
  usage: z.looseObject({
    clientId: z.string(),
    period: z.looseObject({}),
    totals: z.looseObject({ requestCount: z.number() }),
  }),
  userBalance: z.looseObject({
    balanceUsdMicros: money,
    consumedUsdMicros: money,
    lifetimeGrantedUsdMicros: money,
    hasAccess: z.boolean(),
  }),
  credit: z.looseObject({}),
  balance: z.object({
    appId: z.string(),
    currency: z.literal('USD'),
    postedMicros: money,
    heldMicros: money,
    availableMicros: money,
    creditLimitMicros: money,
    owedMicros: money,
    grantedMicros: money,
    isSuspended: z.boolean(),
  }),
  caps: z.object({ appId: z.string(), caps: z.array(cap) }),
  ledger: z.looseObject({
    appId: z.string(),
    transactions: z.array(z.looseObject({ id: z.string() })),
    nextCursor: z.string().nullable(),
  }),
  chain: z.looseObject({
    chains: z.array(z.looseObject({})),
    alarms: z.array(z.looseObject({})),
  }),
  alarmCleared: z.object({ cleared: z.object({ kind: z.string(), subject: z.string() }) }),
  leaks: z.object({ received: z.number().int() }),
  webhook: z.looseObject({ status: z.number().int() }),
} as const;
