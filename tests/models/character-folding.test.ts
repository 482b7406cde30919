// The list of characters behind the normalised names of linking (fine-print 1), held against Unicode's own data.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dbtPython } from '../../pipeline/python.ts';
import { root } from '../workspace.ts';

test('character_folding lists what NFKC and case folding do beyond a lower case', () => {
  const check = spawnSync(
    dbtPython(),
    [join(import.meta.dirname, 'character-folding.py'), join(root, 'models', 'core', 'character_folding.sql')],
    { encoding: 'utf8' },
  );
  expect(check.stderr).toBe('');
  expect(check.stdout).toBe('');
});
