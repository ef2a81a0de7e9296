import { createFolder } from '../journal/folder.ts';
import { openJournal } from '../journal/open-journal.ts';
import { ownIdentity } from '../journal/process-identity.ts';
import { openSegment } from '../journal/segment-file.ts';
import { makePayload } from './payment-records.ts';

// Journals payments until it is killed, and names each on stdout once it counts.

const folder = process.argv[2] ?? '';
await createFolder(folder, ownIdentity());
const journal = await openJournal({
  folder,
  openSegment,
  segmentBytesMax: 20_000,
  onLost: () => process.exit(1),
  onFault: () => process.exit(2),
});
let askNo = 0;
const append = async () => {
  for (;;) {
    askNo += 1;
    const mine = askNo;
    const { kept } = await journal.append(makePayload(mine));
    if (kept === 'kept') process.stdout.write(`${mine}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, append));
