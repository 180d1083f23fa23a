import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const { projects: _, ...common } = base.test!;

// Started by run.mjs, which has what it needs. The time-out is that of a real proxy that resolves a name.
export default defineConfig({
  ...base,
  test: { ...common, include: ['suites/proxies/real.ts'], testTimeout: 60_000 },
});
