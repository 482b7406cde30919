// How `check` asks a system for one thing after another.
import type { CheckLine } from './connector.ts';

/** A line for each need, up to the first that fails for a cause of all: only a missing permission is the need's own. */
export async function checkEach<Need>(
  needs: readonly Need[],
  check: (need: Need) => Promise<CheckLine>,
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const need of needs) {
    const line = await check(need);
    lines.push(line);
    if (!line.ok && !line.detail.includes('refused with 403')) break;
  }
  return lines;
}
