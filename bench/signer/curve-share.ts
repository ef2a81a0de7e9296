import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Profile = {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** What does no work: the loop waits, or the profiler cannot tell. */
const NOT_BUSY = new Set(['(idle)', '(program)', '(root)']);
const CURVE = /node_modules\/secp256k1\//;

/**
 * The share of a process's busy time that was spent in the curve library, from the profile that
 * `--cpu-prof` wrote when it ended: its native functions count for the frame that calls them.
 */
export function curveShare(folder: string): number {
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error(`no profile in ${folder}`);
  const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  let [busy, curve] = [0, 0];
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id);
    const us = profile.timeDeltas[index] ?? 0;
    if (!frame || NOT_BUSY.has(frame.functionName)) return;
    busy += us;
    if (CURVE.test(frame.url)) curve += us;
  });
  return curve / busy;
}
