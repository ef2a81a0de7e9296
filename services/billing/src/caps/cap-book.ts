import { type CapLine, type CapOwner, type CapScope, ownerKey, usedInWindow } from './cap.ts';

/** Refusals of a cap. */
export type CapRefusal = 'app_cap' | 'user_cap' | 'key_cap' | 'session_credit_limit';

/** What a payment would add to what its owners have held. */
export type CapTake = {
  readonly chargeMicros: bigint;
  /** Ticket value bought beyond the fee, in wei; may be negative. */
  readonly creditDeltaWei: bigint;
};

/** What a batch adds to one owner's caps. */
export type CapDelta = CapOwner & {
  readonly heldChargeMicros: bigint;
  readonly heldCreditWei: bigint;
};

/** Unearned ticket value that one owner may have outstanding in a day, unless a cap says else. */
export type SessionCreditLimits = Readonly<Record<CapScope, bigint>>;

/** The caps of a batch while it is decided: asked and taken from in the order of arrival. */
export type CapBook = {
  readonly check: (owners: readonly CapOwner[], take: CapTake) => CapRefusal | undefined;
  readonly take: (owners: readonly CapOwner[], take: CapTake) => void;
  /** What was taken, one line for each owner that was touched. */
  readonly deltas: () => CapDelta[];
};

type OwnerLine = {
  readonly owner: CapOwner;
  readonly charges: readonly { limit: bigint; committed: bigint }[];
  readonly credit: { limit: bigint; committed: bigint };
  heldChargeMicros: bigint;
  heldCreditWei: bigint;
  touched: boolean;
};

const REFUSAL_OF_SCOPE = { app: 'app_cap', user: 'user_cap', key: 'key_cap' } as const;

/**
 * Opens the caps of a batch.
 *
 * @param input.lines the caps as stored, read under the lock of their app's balance.
 * @param input.day the UTC day of now, YYYY-MM-DD; caps of an earlier window count as unused.
 */
export function openCapBook(input: {
  lines: readonly CapLine[];
  day: string;
  sessionCreditLimits: SessionCreditLimits;
}): CapBook {
  const stored = Map.groupBy(input.lines, ownerKey);
  const open = new Map<string, OwnerLine>();
  const lineOf = (owner: CapOwner): OwnerLine => {
    const key = ownerKey(owner);
    const known = open.get(key);
    if (known) return known;
    const made = openOwner(owner, stored.get(key) ?? [], input);
    open.set(key, made);
    return made;
  };
  return {
    check: (owners, take) => firstRefusal(owners.map(lineOf), take),
    take: (owners, take) => {
      for (const line of owners.map(lineOf)) addTo(line, take);
    },
    deltas: () =>
      [...open.values()]
        .filter((line) => line.touched)
        .map(({ owner, heldChargeMicros, heldCreditWei }) => ({
          ...owner,
          heldChargeMicros,
          heldCreditWei,
        })),
  };
}

function openOwner(
  owner: CapOwner,
  lines: readonly CapLine[],
  input: { day: string; sessionCreditLimits: SessionCreditLimits },
): OwnerLine {
  const charges: { limit: bigint; committed: bigint }[] = [];
  const credit = { limit: input.sessionCreditLimits[owner.scope], committed: 0n };
  for (const line of lines) {
    const committed = usedInWindow(line, input.day) + line.held;
    if (line.metric === 'session_credit_wei') {
      credit.limit = line.limit ?? credit.limit;
      credit.committed = committed;
    } else if (line.limit !== undefined) {
      charges.push({ limit: line.limit, committed });
    }
  }
  return { owner, charges, credit, heldChargeMicros: 0n, heldCreditWei: 0n, touched: false };
}

function firstRefusal(lines: readonly OwnerLine[], take: CapTake): CapRefusal | undefined {
  for (const line of lines) {
    const charge = line.heldChargeMicros + take.chargeMicros;
    if (line.charges.some(({ limit, committed }) => committed + charge > limit)) {
      return REFUSAL_OF_SCOPE[line.owner.scope];
    }
  }
  if (take.creditDeltaWei <= 0n) return undefined;
  const isOver = (line: OwnerLine) =>
    line.credit.committed + line.heldCreditWei + take.creditDeltaWei > line.credit.limit;
  return lines.some(isOver) ? 'session_credit_limit' : undefined;
}

function addTo(line: OwnerLine, take: CapTake): void {
  line.heldChargeMicros += take.chargeMicros;
  line.heldCreditWei += take.creditDeltaWei;
  line.touched = true;
}
