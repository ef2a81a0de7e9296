/** The answer passes the bound: of the question, not of whoever was asked. */
export class TooLarge extends Error {
  constructor() {
    super('the answer is too large');
    this.name = 'TooLarge';
  }
}

/**
 * The text of a response, up to a bound.
 *
 * @throws TooLarge as soon as the bound is passed.
 */
export async function readResponse(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
