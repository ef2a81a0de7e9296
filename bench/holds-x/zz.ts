import { connectDatabase, type HoldItem } from '@clearinghouse/shared';
import { HOLD_COLUMNS, toColumnArrays } from '../../services/billing/src/holds/hold-columns.ts';
import { mintHoldIds } from '../../services/billing/src/holds/mint-hold-id.ts';
import { parseHoldItem } from '../../services/billing/src/holds/parse-hold-item.ts';
import { makeHoldItem } from '../../services/billing/src/testing/make-hold-item.ts';
import { openBenchBooks } from './open-bench-books.ts';
const books = await openBenchBooks(process.env.DATABASE_URL!, 1);
const { sql } = books;
const B = 128, N = 150;
const { readFileSync } = await import('node:fs');
const cpuOf = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10; };
const appId = books.appIds[0]!;
const sessions = Array.from({ length: B }, () => makeHoldItem({ appId, seq: 0 }));
let seq = 0;
function batch() {
  seq++;
  const ids = mintHoldIds(Date.now(), B);
  return toColumnArrays(sessions.map((f, i) => {
    const item = parseHoldItem({ ...f, seq, askNo: seq, nonceTo: seq, requestHash: f.requestHash.slice(8) + seq.toString(16).padStart(8, '0'), rebuild: { ...f.rebuild, nonceFrom: seq } }) as HoldItem;
    return { id: ids[i]!, hold: { ask: { replicaId: 'r', item }, accountId: 1n, forkNo: 0, price: { fxId: 1n, markupBps: 0, chargeExact: 12345678901234567890n, chargeHoldMicros: 100n } } };
  }));
}
const db = (await sql`select current_database() d`)[0]!.d;
const admin = connectDatabase({ url: process.env.DATABASE_URL!.replace(/\/[^/]*$/, `/${db}`), applicationName: 'x', connectionsMax: 1 });
await admin.unsafe(`create table billing.h0 (like billing.holds); create table billing.h1 (like billing.holds including constraints); create table billing.h2 (like billing.holds including constraints); alter table billing.h2 add primary key (id); 
create table billing.h4 (like billing.holds including all); drop index billing.h4_request_hash_seq_state_id_sender_key cascade`.replace(/drop index[^;]*/, 'select 1'));
const un = `unnest(${HOLD_COLUMNS.map(({ type }, i) => `$${i + 3}::text::${type}[]`)}) as u`;
const names = HOLD_COLUMNS.map((c) => c.name).join(', ');
const ins = (t: string) => `insert into billing.${t} (created_at, expires_at, state, replays, ${names}) select $1::text::timestamptz, $2::text::timestamptz, 0, 0, u.* from ${un}`;
const [{ pid }] = (await admin`select pg_backend_pid() as pid`) as any;
const VARIANTS: Record<string, string> = {
  parse: `select count(*) from ${un} where $1::text <> $2::text`,
  'insert bare': ins('h0'), 'with domain+checks': ins('h1'), 'with pk': ins('h2'), all: ins('holds'),
};
for (const [name, q] of Object.entries(VARIANTS)) {
  const run = async (a: string[]) => admin.unsafe(q, ['2026-11-23', '2026-11-24', ...a], { prepare: true });
  for (let i = 0; i < 8; i++) await run(batch());
  const bs = Array.from({ length: N }, batch);
  const c0 = cpuOf(pid), t = performance.now();
  for (const b of bs) await run(b);
  console.log(name.padEnd(20), 'wall us/row', (((performance.now() - t) * 1000) / N / B).toFixed(1), 'server cpu us/row', (((cpuOf(pid) - c0) * 1000) / N / B).toFixed(1));
}

const raw = (() => { const W = { plain: String, bytes: (h: any) => `\\\\x${h}`, text: (v: any) => /[\\\t\n\r]/.test(v) ? String(v).replace(/\\/g, '\\\\') : v } as any;
return () => { seq++; const ids = mintHoldIds(Date.now(), B); let out = '';
  sessions.forEach((f, i) => { const item = parseHoldItem({ ...f, seq, askNo: seq, nonceTo: seq, requestHash: f.requestHash.slice(8) + seq.toString(16).padStart(8, '0'), rebuild: { ...f.rebuild, nonceFrom: seq } }) as HoldItem;
    const c = { id: ids[i]!, hold: { ask: { replicaId: 'r', item }, accountId: 1n, forkNo: 0, price: { fxId: 1n, markupBps: 0, chargeExact: 12345678901234567890n, chargeHoldMicros: 100n } } };
    out += '2026-11-23\t2026-11-24\t0\t0';
    for (const { kind, pick } of HOLD_COLUMNS) { const v = pick(c); out += '\t' + (v === undefined ? '\\N' : W[kind](v)); } out += '\n'; });
  return out; }; })();
for (const t of ['h0', 'holds']) {
  const run = async (text: string) => { const w = await admin.unsafe(`copy billing.${t} (created_at, expires_at, state, replays, ${names}) from stdin`).writable(); await new Promise<void>((res, rej) => { w.on('error', rej); w.on('finish', res); w.end(text); }); };
  for (let i = 0; i < 8; i++) await run(raw());
  const bs = Array.from({ length: N }, raw);
  const c0 = cpuOf(pid), t0 = performance.now();
  for (const b of bs) await run(b);
  console.log(`copy ${t}`.padEnd(20), 'wall us/row', (((performance.now() - t0) * 1000) / N / B).toFixed(1), 'server cpu us/row', (((cpuOf(pid) - c0) * 1000) / N / B).toFixed(1));
}
await admin.end();
await books.close();
