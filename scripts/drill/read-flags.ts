import { parseArgs } from 'node:util';
import type { DrillOptions } from './drill-options.ts';

const MAXIMA = {
  payments: 10_000_000,
  'seconds-between-kills': 3_600,
  seed: 0xffff_ffff,
  'seconds-max': 86_400,
  payers: 1_000,
};

/**
 * Reads the command line of the drill.
 *
 * @throws Error naming the flag that cannot be used.
 */
export function readFlags(argv: readonly string[]): Omit<DrillOptions, 'progress'> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      payments: { type: 'string', default: '100000' },
      'seconds-between-kills': { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      'seconds-max': { type: 'string', default: '3600' },
      payers: { type: 'string', default: '50' },
      keep: { type: 'boolean', default: false },
    },
  });
  const read = (name: keyof typeof MAXIMA): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= MAXIMA[name]) return value;
    throw new Error(`--${name}: a whole number from 1 to ${MAXIMA[name]}`);
  };
  return {
    payments: read('payments'),
    secondsBetweenKills: read('seconds-between-kills'),
    seed: read('seed'),
    secondsMax: read('seconds-max'),
    payers: read('payers'),
    keep: values.keep,
  };
}
