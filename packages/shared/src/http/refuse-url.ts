import type { RequestListener, ServerResponse } from 'node:http';

/** A path, or absolute as proxies send it; anything else the framework would call our fault. */
function isUrl(url = ''): boolean {
  return url.startsWith('/') || url === '*' || URL.canParse(url);
}

/** What is no URL is told so, as Go's server does, and goes no further. */
export function refuseNonUrls(handler: RequestListener): RequestListener {
  return (req, res) => {
    if (isUrl(req.url)) return handler(req, res);
    refuseUrl(res);
  };
}

function refuseUrl(res: ServerResponse): void {
  res.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  res.end('400 Bad Request');
}
