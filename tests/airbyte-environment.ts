// The real Airbyte source that tests and benchmarks run: `source-declarative-manifest` of airbyte-cdk, pinned and hash-checked
// in an environment of its own, which is made the first time it is asked for. It is no part of an installation of Sourced.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonOf } from '../pipeline/python.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The program with its arguments, or the line that says what is missing to have it. */
export function declarativeSource():
  | { readonly command: readonly string[]; readonly missing?: undefined }
  | { readonly command?: undefined; readonly missing: string } {
  try {
    const python = pythonOf({
      what: 'the Airbyte source',
      requirements: join(root, 'sandbox', 'airbyte', 'requirements.txt'),
      folder: join(root, '.venv.airbyte'),
    });
    // Not its script: that one names the place where the environment was built.
    return { command: [python, '-c', 'from airbyte_cdk.cli.source_declarative_manifest import run; run()'] };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
