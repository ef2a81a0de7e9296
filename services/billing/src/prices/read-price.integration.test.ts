import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Books, openBooks, PRICE_E8 } from '../testing/open-books.ts';
import { readPrice } from './read-price.ts';

describe('the price that signers ask for', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    await books.close();
  });
  const read = () => readPrice({ sql: books.sql }, { maxAgeMs: 120_000 });

  it('is the newest one, with its age by the database’s clock', async () => {
    await books.sql`
      insert into billing.fx_rates (pair, price_e8, source, observed_at)
      values ('ETH/USD', ${(PRICE_E8 + 7n).toString()}, 'test', now() - interval '90 seconds')`;
    const { price } = await read();
    expect(price).toMatchObject({ priceE8: (PRICE_E8 + 7n).toString(), maxAgeMs: 120_000 });
    expect(price?.ageMs).toBeGreaterThanOrEqual(90_000);
  });
});
