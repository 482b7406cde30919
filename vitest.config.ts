// How the tests run: in the pinned Node, three at a time, for each waits now and then for a disk, a process or a page. Tests that
// run the whole pipeline take minutes, not seconds.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, in this order: it begins first, so that no long file is left alone at the end. */
const longest = [
  'contract/of-crm',
  'pipeline/run',
  'contract/of-',
  'cases',
  'sandbox/truth',
  'ingest/airbyte-real',
  'pipeline/',
  'browser/pages',
  'attribution/commission/rerun',
  'batches',
  'maven',
  'contract/',
  'browser/',
  'one-answer',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((start) => moduleId.includes(`/tests/${start}`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: process.env.SOAK ? [] : ['tests/soak/**'], // `npm run soak`
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: ['tests/set-up.ts'],
    sequence: { sequencer: LongestFirst },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default'],
  },
});
