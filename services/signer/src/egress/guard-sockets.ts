import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import type { Logger } from '@clearinghouse/shared';

/** Where the process may connect to: the name as it is configured, and the port. */
export type Place = { readonly host: string; readonly port: number };

export type SocketGuard = {
  /** Whatever `work` connects to is let through: for hosts that only the network can name. */
  readonly allowWithin: <T>(work: () => T) => T;
  readonly stop: () => void;
};

type Connect = typeof Socket.prototype.connect;

/** What was to be connected to: a path, or a host and a port. */
type Target = { readonly path: string } | Place;

/**
 * Lets this process connect to these places and no other, whichever library tries (`fetch`, HTTP,
 * TLS, gRPC, database and queue clients all come through here). A connection elsewhere fails as one
 * that nobody answers, and is an alarm: something in the process tried what nobody configured.
 * Names are compared before they are resolved. It is a seat belt against a mistake or a bad
 * dependency, not a wall: code that runs in this process can take it off.
 */
export function guardSockets(options: {
  readonly places: readonly Place[];
  readonly log: Logger;
}): SocketGuard {
  const allowed = new Set(options.places.map(keyOf));
  const exempt = new AsyncLocalStorage<true>();
  const original: Connect = Socket.prototype.connect;
  const guarded = function connect(this: Socket, ...args: unknown[]): Socket {
    const target = targetOf(args);
    if (exempt.getStore() || ('port' in target && allowed.has(keyOf(target)))) {
      return Reflect.apply(original, this, args);
    }
    const to = 'port' in target ? keyOf(target) : 'a local path';
    options.log.error({ alarm: 'egress_refused', to }, 'a connection to a place not configured');
    process.nextTick(() => this.destroy(refusalOf(to)));
    return this;
  };
  Socket.prototype.connect = guarded as Connect;
  return {
    allowWithin: (work) => exempt.run(true, work),
    stop: () => {
      if (Socket.prototype.connect === guarded) Socket.prototype.connect = original;
    },
  };
}

/** `connect` takes options, a port and a host, a path, or what `net.connect` made of those. */
function targetOf(args: readonly unknown[]): Target {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown };
    if (typeof path === 'string') return { path };
    return { host: typeof host === 'string' ? host : 'localhost', port: Number(port) };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first };
  return { host: typeof args[1] === 'string' ? args[1] : 'localhost', port: Number(first) };
}

function keyOf({ host, port }: Place): string {
  return `${host.toLowerCase().replace(/^\[|\]$/g, '')}:${port}`;
}

function refusalOf(to: string): Error {
  return Object.assign(new Error(`connections to ${to} are refused`), { code: 'ECONNREFUSED' });
}
