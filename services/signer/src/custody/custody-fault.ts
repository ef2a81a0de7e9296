/** Why a custody service gave no signature. */
export type CustodyReason =
  /** It could not be reached, did not answer in time, or said no. */
  | 'unavailable'
  /** It answered something that is not our account's signature: somebody should look. */
  | 'wrong_signature';

/** No signature; nothing was given out, so that what was held for it can be released. */
export class CustodyFault extends Error {
  readonly reason: CustodyReason;

  constructor(reason: CustodyReason, message: string) {
    super(message);
    this.name = 'CustodyFault';
    this.reason = reason;
  }
}
