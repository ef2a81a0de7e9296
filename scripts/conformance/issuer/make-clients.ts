/** A confidential client. */
export type Client = { readonly clientId: string; readonly clientSecret: string };

type Metadata = Readonly<Record<string, unknown>>;

/** Makes clients and keys of an app and changes them, as its administrator does over the management API. */
export function makeClientMaker(origin: string, admin: { appId: string; token: string }) {
  const app = `${origin}/api/v1/apps/${admin.appId}`;
  const clients = `${app}/clients`;
  const send = async (method: string, url: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${admin.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: HTTP ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    makeClient: async (metadata: Metadata): Promise<Client> =>
      (await send('POST', clients, { name: 'A relying party', metadata })) as Client,
    makeKey: async (): Promise<string> =>
      ((await send('POST', `${app}/keys`, {})) as { key: string }).key,
    setPublicClient: async (metadata: Metadata): Promise<string> => {
      await send('PATCH', `${clients}/${admin.appId}`, { metadata });
      return admin.appId;
    },
  };
}
