import { defineConfig } from 'vitest/config';
import projects from './vitest-projects.cjs';

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: projects.PROJECTS.map(({ name, environment, pool, ...mode }) => ({
      test: {
        name,
        environment,
        pool,
        globals: true,
        include: ['contract.vitest.mjs'],
        testTimeout: 120_000,
        env: { WSIMD_MODE: JSON.stringify({ name, pool, ...mode }) },
        // Only what vitest evaluates itself can be evaluated again.
        server: { deps: { inline: mode.again ? ['wsimd'] : [] } },
      },
    })),
  },
});
