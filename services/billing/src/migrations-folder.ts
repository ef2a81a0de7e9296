import { join } from 'node:path';

/** Billing's own migrations: plain SQL, run by its owner role. */
export const MIGRATIONS_FOLDER = join(import.meta.dirname, '../../../migrations/billing');
