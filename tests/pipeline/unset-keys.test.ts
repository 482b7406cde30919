// A key of a source that is not set in the environment stops what reads the source, and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyOf, root, sourced } from '../workspace.ts';

/** The golden company with a system beside its files whose variables nobody set. */
function workspaceWithoutKeys(): string {
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
  return workspace;
}

test('who looks at figures needs no keys of sources', async () => {
  const workspace = workspaceWithoutKeys();
  const listed = await sourced(['keys', 'list', '--workspace', workspace]);
  expect(listed).toMatchObject({ status: 0 });
  for (const command of ['run', 'ingest', 'check']) {
    const { status, stderr } = await sourced([command, '--workspace', workspace]);
    expect(status).toBe(2);
    for (const variable of ['NOBODY_SET_THIS', 'NOR_THIS']) expect(stderr).toContain(`${variable} is not set`);
  }
});

test('who reads one source needs the keys of that one alone', async () => {
  const workspace = workspaceWithoutKeys();
  const ingest = (source: string) => sourced(['ingest', '--source', source, '--workspace', workspace]);
  expect(await ingest('s')).toMatchObject({ status: 0 });
  const { status, stderr } = await ingest('crm');
  expect(status).toBe(2);
  expect(stderr).toMatch(/sourced.yaml:\d+:\d+: the environment variable NOBODY_SET_THIS is not set/);
  expect(await ingest('crn')).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean crm?') });
});
