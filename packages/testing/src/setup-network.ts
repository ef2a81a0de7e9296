import { blockNetwork } from './block-network.ts';

// A setup file of vitest: a test that reaches out fails wherever it runs, not only offline.
blockNetwork();
