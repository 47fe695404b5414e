import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'journeys', include: ['test/journeys/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'kernel', include: ['test/kernel/**/*.test.ts'], testTimeout: 180_000, fileParallelism: false } },
    ],
  },
});
