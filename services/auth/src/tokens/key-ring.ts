import type { KeyObject } from 'node:crypto';
import type { JWK } from 'jose';

export type SigningAlg = 'ES256' | 'RS256';

/** One key of the issuer with its private half. */
export type SigningKey = {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly status: 'next' | 'active' | 'retired';
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
};

/** All keys that are published; replaced as a whole when a key is rotated. */
export type KeyRing = {
  /** Signs access tokens and the forward's tokens. */
  readonly es256: SigningKey;
  /** Signs ID tokens: the one algorithm that every relying party knows. */
  readonly rs256: SigningKey;
  readonly all: readonly SigningKey[];
};

/** Gives the current key ring; operations ask each time, since keys rotate. */
export type CurrentKeys = () => KeyRing;
