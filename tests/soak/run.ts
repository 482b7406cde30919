// `npm run soak`: the random tests at lengths that no commit waits for. Each is the test of `npm test`, with larger numbers:
// 100,000 histories against the model, 5,000 through books and warehouse, 3,000 whose runs are held against first runs, 2,000 tamperings, 100 killed postings, the example
// company in ten batches, 1,000 schedules of traps, kills and changes over the connectors, and the whole line from systems that
// the demo does not read. A name runs that part alone: `npm run soak -- histories`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitWith } from '../../pipeline/exit.ts';
import { dbtPython } from '../../pipeline/python.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const parts: Readonly<Record<string, { readonly file: string; readonly env: Readonly<Record<string, string>> }>> = {
  histories: { file: 'tests/attribution/commission/histories.test.ts', env: { HISTORY_RUNS: '100000' } },
  ledgers: { file: 'tests/attribution/commission/ledger-histories.test.ts', env: { HISTORY_LEDGERS: '5000' } },
  reruns: { file: 'tests/attribution/commission/rerun.test.ts', env: { RERUN_HISTORIES: '3000' } },
  tampering: { file: 'tests/pipeline/books-tampering.test.ts', env: { TAMPER_RUNS: '2000' } },
  kills: { file: 'tests/pipeline/books-kill.test.ts', env: { KILL_RUNS: '100' } },
  connectors: { file: 'tests/contract/of-', env: { SCHEDULES: '1000', SAVED_BEHIND: '1,2,3,4,5,6,7,8,12' } },
  batches: { file: 'tests/batches.test.ts', env: { BATCHES: '10' } },
  systems: { file: 'tests/soak/', env: { SOAK: 'true' } },
};

/** Milliseconds for one test: nine saved states in turn take more than the minute of `npm test` on a busy machine. */
const testTimeout = '1200000';

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in parts));
if (unknown) {
  console.error(`There is no soak ${unknown}; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

try {
  dbtPython((line) => process.stdout.write(`${line}\n`));
} catch (error) {
  exitWith(error);
}

let failed = false;
for (const name of named.length ? named : Object.keys(parts)) {
  const { file, env } = parts[name]!;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', file, '--testTimeout', testTimeout], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
