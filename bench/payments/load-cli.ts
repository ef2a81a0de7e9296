import { generateLoad, type Load } from './generate-load.ts';

// Runs as a process of its own, so that the generator's share of the machine can be told.
const load = JSON.parse(process.argv[2] ?? '{}') as Load;
console.log(JSON.stringify(await generateLoad(load)));
