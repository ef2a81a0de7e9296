import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Simulation,
  simulateSession,
} from '../../services/signer/src/payments/fixtures/simulate-session.ts';
import { drawLines } from './draw-lines.ts';

// `node bench/session-reserve/run.ts`: the data and the plot of docs/session-reserve.md.

const FOLDER = join(import.meta.dirname, '../../docs/images');
const SESSION: Omit<Simulation, 'reserveSec'> = {
  type: 'live',
  evWei: 10_000_000_000_000n,
  priceWeiPerSec: 55_555_555_556n,
  pollSec: 10,
  lostPayment: 3,
  untilSec: 1_200,
};

const lines = [
  { name: "go-livepeer's rule", reserveSec: 0 },
  { name: 'with a reserve of 15 s', reserveSec: 15 },
].map(({ name, reserveSec }) => ({
  name,
  points: simulateSession({ ...SESSION, reserveSec }).map((poll) => ({
    x: poll.sec,
    y: poll.leftSec,
    isMarked: poll.isLost,
  })),
}));

mkdirSync(FOLDER, { recursive: true });
const rows = (lines[0]?.points ?? []).map((point, index) =>
  [point.x, ...lines.map((line) => line.points[index]?.y ?? '')].join(','),
);
const head = ['second', ...lines.map((line) => `seconds left, ${line.name}`)].join(',');
writeFileSync(join(FOLDER, 'session-reserve.csv'), `${[head, ...rows].join('\n')}\n`);
writeFileSync(
  join(FOLDER, 'session-reserve.svg'),
  drawLines(lines, {
    title: 'Seconds of credit left at the orchestrator; the fourth payment never arrives',
    xLabel: 'second of the session',
    yLabel: 'seconds left',
  }),
);
