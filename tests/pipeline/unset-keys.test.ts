// A key of a source that is not set in the environment stops what reads the source, and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyOf, root, sourced } from '../workspace.ts';

test('who looks at figures needs no keys of sources', async () => {
  const workspace = copyOf(join(root, 'tests', 'cases', 'golden'));
  const file = join(workspace, 'sourced.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(
      /^sources:\n/m,
      `sources:\n  - {name: crm, connector: hubspot, base_url: "\${NOR_THIS}", access_token: "\${NOBODY_SET_THIS}"}\n`,
    ),
  );
  expect(readFileSync(file, 'utf8')).not.toBe(text);
  const listed = await sourced(['keys', 'list', '--workspace', workspace]);
  expect(listed).toMatchObject({ status: 0 });
  for (const command of ['run', 'ingest', 'check']) {
    const { status, stderr } = await sourced([command, '--workspace', workspace]);
    expect(status).toBe(2);
    for (const variable of ['NOBODY_SET_THIS', 'NOR_THIS']) expect(stderr).toContain(`${variable} is not set`);
  }
});
