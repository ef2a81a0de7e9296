/** An origin, or one with its first label left open: `https://*.example.org`. */
const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([0-9]{1,5}))?$/;
const LOOPBACK = /^(localhost|127\.0\.0\.1)$/;

/**
 * May this stand in a list of origins? https, or http on this machine; no path, no upper case, and
 * a star only as the whole first label, with two more behind it.
 */
export function isOriginPattern(text: string): boolean {
  const [, scheme, star, host = '', port] = PATTERN.exec(text) ?? [];
  if (scheme === undefined || (scheme === 'http' && !LOOPBACK.test(host))) return false;
  if (star !== undefined && host.split('.').length < 2) return false;
  return port === undefined || isPortWorthWriting(scheme, Number(port));
}

/** Is an `Origin` header one of these? `null` never is. */
export function matchesOrigin(patterns: readonly string[], origin: string): boolean {
  return patterns.some((pattern) => {
    const at = pattern.indexOf('://*.');
    if (at < 0) return pattern === origin;
    const [head, tail] = [pattern.slice(0, at + 3), pattern.slice(at + 4)];
    if (!origin.startsWith(head) || !origin.endsWith(tail)) return false;
    const label = origin.slice(head.length, origin.length - tail.length);
    return /^[a-z0-9-]+$/.test(label);
  });
}

/** A browser leaves the scheme's own port out, so that it would never match. */
function isPortWorthWriting(scheme: string, port: number): boolean {
  const usual = scheme === 'https' ? 443 : 80;
  return port > 0 && port <= 65_535 && port !== usual;
}
