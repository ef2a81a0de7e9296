import type { Place } from './guard-sockets.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'redis:': 6379,
  'rediss:': 6379,
  'postgres:': 5432,
  'postgresql:': 5432,
};

/**
 * The places that the URLs of variables name; what is absent names none.
 *
 * @throws Error that names the variable, never its value, which may hold a password: no host, or a
 * scheme that has no port of its own.
 */
export function listPlaces(urls: Readonly<Record<string, string | undefined>>): readonly Place[] {
  return Object.entries(urls).flatMap(([variable, text]) => {
    if (text === undefined || text === '') return [];
    const url = URL.parse(text);
    const port = url?.port ? Number(url.port) : DEFAULT_PORTS[url?.protocol ?? ''];
    if (!url?.hostname || port === undefined) throw new Error(`${variable}: names no host`);
    return [{ host: decodeURIComponent(url.hostname), port }];
  });
}
