// Files from elsewhere that tests may read but the project does not copy. A test that needs them says so and is skipped without.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'shared');

/** The path below the shared folder beside the repository, or undefined where it is not at hand. */
export function shared(...path: string[]): string | undefined {
  const found = join(folder, ...path);
  return existsSync(found) ? found : undefined;
}
