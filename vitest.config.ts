// How the tests run: in the pinned Node, two at a time. Tests that run the whole pipeline take minutes, not seconds.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes a minute or more begins first, so that no long file is left alone at the end. */
const long =
  /tests\/(contract\/|pipeline\/(run|statement|override|first-page)|cases|sandbox\/truth|browser\/pages|batches|maven|ingest\/airbyte-real)/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: process.env.SOAK ? [] : ['tests/soak/**'], // `npm run soak`
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: ['tests/set-up.ts'],
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 300_000,
    reporters: ['default'],
  },
});
