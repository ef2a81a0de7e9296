/** The body of `POST /generate-live-payment` after decoding; what was absent is empty or zero. */
export type PaymentRequest = {
  /** The state blob's exact bytes; empty on a session's first call. */
  readonly stateBytes: Uint8Array;
  readonly stateSig: Uint8Array;
  /** protobuf `net.OrchestratorInfo`. */
  readonly orchestrator: Uint8Array;
  readonly manifestId: string;
  readonly app: string;
  /** int64; used only when `type` is empty. */
  readonly inPixels: bigint;
  /** `""`, `lv2v`, `live` or `fixed`; anything else is refused later. */
  readonly type: string;
  readonly maxPrice: MaxPriceField | undefined;
  /** protobuf `net.Capabilities`; empty when the client sent none. */
  readonly capabilities: Uint8Array;
};

/** `maxPrice` as sent; its rules are checked in `payments/max-price.ts`. */
export type MaxPriceField = {
  /** The text of a JSON number, or empty. */
  readonly price: string;
  readonly currency: string;
  readonly unit: string;
};
