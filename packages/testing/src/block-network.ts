import { Socket } from 'node:net';

type Connect = Socket['connect'];

const LOOPBACK_NAMES = new Set(['localhost', '::1', '0.0.0.0', '::', '']);

/**
 * From now on a connection of this process to anything but the loopback fails with code
 * `ENETUNREACH`, HTTP and TLS clients included; the name is not even looked up.
 *
 * @returns what lifts it.
 */
export function blockNetwork(): () => void {
  const real = Socket.prototype.connect;
  const guarded = function connect(this: Socket, ...args: unknown[]): Socket {
    const host = readHost(args);
    if (host !== undefined && !isLoopback(host)) {
      const text = `a test tried to reach ${host}: only the loopback is allowed`;
      // Later, as a real failure would be: the caller has more to set up on this socket.
      const fault = Object.assign(new Error(text), { code: 'ENETUNREACH' });
      process.nextTick(() => this.destroy(fault));
      return this;
    }
    return (real as (...values: unknown[]) => Socket).apply(this, args);
  };
  Socket.prototype.connect = guarded as Connect;
  return () => {
    Socket.prototype.connect = real;
  };
}

/** Is this name or address the machine itself? A path of a Unix socket never gets here. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return LOOPBACK_NAMES.has(bare) || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(bare);
}

/** `connect(options)`, `connect(port, host)`, or Node's own `connect([options, callback])`. */
function readHost(args: readonly unknown[]): string | undefined {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    if ('path' in first && first.path) return undefined;
    return 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return typeof args[1] === 'string' ? args[1] : 'localhost';
}
