import { connect, type Socket } from 'node:net';

/** One answer: its status and its body as text. */
export type RawAnswer = { readonly status: number; readonly body: string };

const HEADER_END = '\r\n\r\n';

/**
 * A keep-alive HTTP/1.1 connection with one request at a time, as thin as possible, so that
 * the generator of load takes little of the machine that it measures. It reads answers with a
 * Content-Length only, which is what the signer sends.
 */
export class RawConnection {
  readonly #head: string;
  #socket: Socket;
  #buffered: Buffer[] = [];
  #length = 0;
  #closed: Error | undefined;
  #waiting: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | undefined;

  constructor(url: URL, path: string, authorization: string) {
    this.#head = `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: `;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** Sends a body and waits for the answer. */
  post(body: string): Promise<RawAnswer> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${this.#head}${Buffer.byteLength(body)}${HEADER_END}${body}`);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#closed ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #take(chunk: Buffer): void {
    this.#buffered.push(chunk);
    this.#length += chunk.length;
    const bytes = this.#buffered.length === 1 ? chunk : Buffer.concat(this.#buffered);
    this.#buffered = [bytes];
    const headEnd = bytes.indexOf(HEADER_END);
    if (headEnd < 0) return;
    const head = bytes.toString('latin1', 0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + HEADER_END.length + length;
    if (bytes.length < end) return;
    const body = bytes.toString('utf8', headEnd + HEADER_END.length, end);
    this.#buffered = bytes.length > end ? [bytes.subarray(end)] : [];
    this.#length = bytes.length - end;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
