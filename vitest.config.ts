// How the tests run: in the pinned Node, two at a time. Tests that run the whole pipeline take minutes, not seconds.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: process.env.SOAK ? [] : ['tests/soak/**'], // `npm run soak`
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    reporters: ['default'],
  },
});
