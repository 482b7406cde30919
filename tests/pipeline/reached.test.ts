// Single steps in a wrong order, or at another clock: refused in words, so that nothing half-made is published.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ranCopyOf } from '../made.ts';
import { asOf, copyOf, root, sourced } from '../workspace.ts';

const golden = join(root, 'tests', 'cases', 'golden');

test.each([
  ['transform', /this step comes after ingest\n {2}→ sourced ingest; or all at once: sourced run/],
  ['attribute', /this step comes after ingest, transform\n {2}→ sourced ingest, then sourced transform;/],
  ['publish', /this step comes after ingest, transform, attribute\n/],
])('%s in a new workspace: 2, with what comes before', async (step, words) => {
  const { status, stderr } = await sourced([step, '--workspace', copyOf(golden)]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(words)]);
});

test('after a run: another clock is refused, and so is publishing what was read but not computed', async () => {
  const workspace = await ranCopyOf(golden);
  const step = async (...args: string[]) => {
    const { status, stderr } = await sourced([...args, '--workspace', workspace]);
    return [status, stderr];
  };
  const shaped = expect.stringContaining(`the records were shaped as of ${asOf(workspace)}`);
  expect(await step('publish', '--as-of', '2026-08-01T00:00:00Z')).toEqual([2, shaped]);
  expect(await step('attribute', '--as-of', '2026-08-01T00:00:00Z')).toEqual([2, shaped]);
  expect(await step('ingest')).toEqual([0, '']);
  expect(await step('publish')).toEqual([2, expect.stringContaining('comes after transform, attribute')]);
});
