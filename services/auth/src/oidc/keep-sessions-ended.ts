import type { Provider } from 'oidc-provider';

/** How a session was when its row was last read or written. */
type Kept = { id: string; accountId: string | undefined; loginTs: number | undefined };

type Session = {
  jti: string;
  oldId?: string | undefined;
  accountId?: string | undefined;
  loginTs?: number | undefined;
};

type SessionModel = {
  find: (this: unknown, id: string, options?: object) => Promise<Session | undefined>;
  prototype: {
    save: (this: Session, ttl: number) => Promise<string>;
    getValueAndPayload: (this: Session) => Promise<{ payload: Record<string, unknown> }>;
  };
};

const KEPT = Symbol('as the session is kept');
type Marked = Session & { [KEPT]?: Kept };

/**
 * oidc-provider reads a session when a request begins and writes it when it ends. One that was ended
 * in between, by a new password or by signing out, would be there again, and whoever has its cookie
 * need only ask often enough to bring that about. So the session of a person is only ever written
 * over its own row; a new sign-in alone makes one.
 */
export function keepSessionsEnded(provider: Provider): void {
  const model = provider.Session as unknown as SessionModel;
  const { find } = model;
  const { save, getValueAndPayload } = model.prototype;
  model.find = async function findMarked(id, options) {
    const session = await find.call(this, id, options);
    if (session) mark(session);
    return session;
  };
  model.prototype.save = async function saveKept(ttl) {
    // The row is moved to the new id instead of being deleted.
    if (rowOf(this) !== undefined) this.oldId = undefined;
    const value = await save.call(this, ttl);
    mark(this);
    return value;
  };
  model.prototype.getValueAndPayload = async function payloadWithRow() {
    const made = await getValueAndPayload.call(this);
    const replaces = rowOf(this);
    return replaces === undefined ? made : { ...made, payload: { ...made.payload, replaces } };
  };
}

function mark(session: Marked): void {
  const { jti: id, accountId, loginTs } = session;
  const value: Kept = { id, accountId, loginTs };
  // Not by assignment, which oidc-provider takes for a change that must be written.
  Object.defineProperty(session, KEPT, { value, configurable: true });
}

/** The id of the row that this session must be written over; undefined where it makes one. */
function rowOf(session: Marked): string | undefined {
  const kept = session[KEPT];
  if (kept?.accountId === undefined) return undefined;
  const isSame = kept.accountId === session.accountId && kept.loginTs === session.loginTs;
  return isSame ? kept.id : undefined;
}
