import {
  createHash,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** What is different about an answer of the authenticator, to see it refused. */
export type PasskeyTwist = {
  readonly origin?: string;
  readonly rpId?: string;
  readonly counter?: number;
  readonly isVerified?: boolean;
  readonly challenge?: string;
  readonly type?: string;
};

const FLAG_PRESENT = 0x01;
const FLAG_VERIFIED = 0x04;
const FLAG_HAS_KEY = 0x40;

/** An authenticator in software (ES256, no attestation): what a browser and a device do together. */
export class SoftPasskey {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #id = randomBytes(32);
  readonly #site: { readonly origin: string; readonly rpId: string };
  counter = 1;

  constructor(origin: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#site = { origin, rpId: new URL(origin).hostname };
  }

  /** Answers `navigator.credentials.create()`. */
  create(options: { challenge: string }, twist: PasskeyTwist = {}): string {
    const authData = this.#authenticatorData(FLAG_HAS_KEY, twist);
    // {fmt: "none", attStmt: {}, authData: bytes}
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Buffer.from([0xa0]),
      cborText('authData'),
      cborBytes(authData),
    ]);
    return this.#credential({
      clientDataJSON: this.#clientData('webauthn.create', options.challenge, twist),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers `navigator.credentials.get()`. */
  get(options: { challenge: string }, twist: PasskeyTwist = {}): string {
    this.counter += 1;
    const authData = this.#authenticatorData(0, twist);
    const clientDataJSON = this.#clientData('webauthn.get', options.challenge, twist);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const signed = createSign('sha256').update(Buffer.concat([authData, hash]));
    return this.#credential({
      clientDataJSON,
      authenticatorData: authData.toString('base64url'),
      signature: signed.sign(this.#privateKey).toString('base64url'),
    });
  }

  #credential(response: object): string {
    const id = this.#id.toString('base64url');
    return JSON.stringify({
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response,
    });
  }

  #clientData(type: string, challenge: string, twist: PasskeyTwist): string {
    const data = {
      type: twist.type ?? type,
      challenge: twist.challenge ?? challenge,
      origin: twist.origin ?? this.#site.origin,
      crossOrigin: false,
    };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  #authenticatorData(extraFlags: number, twist: PasskeyTwist): Buffer {
    const verified = twist.isVerified === false ? 0 : FLAG_VERIFIED;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(twist.counter ?? this.counter);
    const head = Buffer.concat([
      createHash('sha256')
        .update(twist.rpId ?? this.#site.rpId)
        .digest(),
      Buffer.from([FLAG_PRESENT | verified | extraFlags]),
      counter,
    ]);
    return extraFlags === 0 ? head : Buffer.concat([head, this.#attestedCredential()]);
  }

  #attestedCredential(): Buffer {
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.#id.length);
    // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    const key = Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      cborBytes(Buffer.from(x, 'base64url')),
      Buffer.from([0x22]),
      cborBytes(Buffer.from(y, 'base64url')),
    ]);
    return Buffer.concat([Buffer.alloc(16), length, this.#id, key]);
  }
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}

function cborBytes(bytes: Buffer): Buffer {
  const isShort = bytes.length < 256;
  const head = isShort ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}
