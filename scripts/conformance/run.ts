import { formatResults } from './format-results.ts';
import { openDatabases } from './issuer/open-databases.ts';
import { openIssuer } from './issuer/open-issuer.ts';
import { measureTiming } from './measure-timing.ts';
import { runModules } from './run-modules.ts';
import { openSuite } from './suite.ts';

// `npm run conformance`: the modules of the OpenID Foundation's plans for Basic OP, Config OP and
// RP-Initiated Logout OP, re-created, against an issuer of its own. Takes half a minute, which is
// how long one module waits. Exits with 1 when a module fails.
//
// `npm run conformance -- --timing` measures instead whether refusals tell by their time whom the
// issuer knows.

const REUSE_AFTER_MS = 30_000;

async function main(): Promise<number> {
  const issuer = await openIssuer(openDatabases);
  try {
    if (process.argv.includes('--timing')) {
      console.log(JSON.stringify(await measureTiming(issuer), null, 2));
      return 0;
    }
    const results = await runModules(await openSuite(issuer, REUSE_AFTER_MS));
    console.log(formatResults(results));
    return results.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
  } finally {
    await issuer.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
