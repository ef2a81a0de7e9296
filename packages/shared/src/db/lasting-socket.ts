import { Socket } from 'node:net';

/** Where postgres.js is to connect, as it says it. */
export type SocketTarget = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** A Unix socket, when there is one. */
  readonly path?: string | false | undefined;
};

/** How long a lost connection refuses what is still written to it before it is told closed. */
const QUIET_MS = 100;

/**
 * A socket for postgres.js that tells its loss in two steps.
 *
 * The driver (3.4.9, its issues 1154 and 1208) forgets a socket that closes, and a transaction
 * that writes after it, be it the ROLLBACK, throws out of a timer: the process dies. Here the loss
 * is first told as an error, which rejects every statement under way; what is written after that
 * is rejected too; and only when nothing was written for a while is the socket told to be closed.
 *
 * Nagle's algorithm is off: the end of a large batch must not wait for an acknowledgement.
 */
export class LastingSocket extends Socket {
  #lost: 'open' | 'quiet' | 'told' = 'open';
  #hadError = false;
  #timer: NodeJS.Timeout | undefined;

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'close' || this.#lost !== 'open') {
      return super.emit(event as 'error', ...(values as [Error]));
    }
    this.#lost = 'quiet';
    this.#hadError = values[0] === true;
    if (!this.#hadError) super.emit('error', connectionLost());
    this.#waitForQuiet();
    return true;
  }

  // One signature for the overloads of Socket.write; the driver uses (bytes, callback).
  override write(...values: unknown[]): boolean {
    if (this.#lost === 'open') return super.write(...(values as [Uint8Array]));
    if (this.#lost === 'quiet') this.#waitForQuiet();
    process.nextTick(() => super.emit('error', connectionLost()));
    return true;
  }

  #waitForQuiet(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // The driver keeps short statements for an immediate, drops that when it is told, and then
      // never writes a short one again on this connection: it is told when nothing is kept.
      if (process.getActiveResourcesInfo().includes('Immediate')) {
        this.#waitForQuiet();
        return;
      }
      this.#lost = 'told';
      // Told of a close with an error, the driver believes that all it sent was rejected before,
      // and waits longer each time before it connects again. What it sent between the error and
      // the close was not; and only a server that never answered is worth the wait.
      super.emit('close', this.#hadError && this.bytesRead === 0);
    }, QUIET_MS);
  }
}

/** Opens a socket; what is written before it is connected waits in it. */
export function openLastingSocket(target: SocketTarget): Socket {
  const socket = new LastingSocket();
  socket.setNoDelay(true);
  if (target.path) return socket.connect(target.path);
  return socket.connect(Number(target.port[0]), String(target.host[0]));
}

function connectionLost(): Error {
  const error = new Error('the connection to the database was lost');
  return Object.assign(error, { code: 'CONNECTION_CLOSED' });
}
