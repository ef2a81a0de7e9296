/** A connection URL on the loopback; role and password are escaped. */
export function connectionUrl(options: {
  role: string;
  password: string;
  port: number;
  database: string;
}): string {
  const user = encodeURIComponent(options.role);
  const password = encodeURIComponent(options.password);
  return `postgres://${user}:${password}@127.0.0.1:${options.port}/${options.database}`;
}
