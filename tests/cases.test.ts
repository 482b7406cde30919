// Golden companies: each folder under tests/cases and, where it is at hand, each shared example company is run through the
// real command line; the release must give the expected tables to the minor unit. Adding a company adds no code.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dbtPython } from '../pipeline/python.ts';
import { differences } from './compare.ts';
import { ranCopyOf } from './made.ts';
import { shared } from './shared.ts';
import { copyOf, currentRelease, root, runWorkspace } from './workspace.ts';

const own = join(root, 'tests', 'cases');

describe('our own golden companies', () => {
  test.each(readdirSync(own))('%s', async (name) => {
    const workspace = await ranCopyOf(join(own, name));
    expect(await differences(join(own, name, 'expected'), currentRelease(workspace))).toEqual([]);
  });
});

const cases = shared('cases');

describe.skipIf(!cases)('example companies of others (skipped where the shared folder is absent)', () => {
  const names = cases ? readdirSync(cases).filter((name) => existsSync(join(cases, name, 'expected'))) : [];
  test.each(names)('%s', async (name) => {
    const workspace = copyOf(join(cases!, name));
    await runWorkspace(workspace);
    const compare = spawnSync(
      dbtPython(),
      [join(shared('tools')!, 'compare.py'), join(cases!, name, 'expected'), currentRelease(workspace)],
      { encoding: 'utf8' },
    );
    expect(compare.stdout + compare.stderr).toMatch(/all equal\s*$/);
  });
});
