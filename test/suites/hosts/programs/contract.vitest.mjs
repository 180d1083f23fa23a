// The contract as a test of vitest.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { common, report } = require('./host.cjs');
const { play } = require('./contract.cjs');

const { name, pool, moment, again } = JSON.parse(process.env.WSIMD_MODE);

/** Evaluations of the package before the one that is used. */
const EVALUATIONS = 5;

/** All that can be: `nextTick` cannot in every pool. */
const FAKED = [
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ...['queueMicrotask', 'performance', 'Date'],
];
const fakeTimers = () => vi.useFakeTimers({ toFake: FAKED });

const evaluate = async () => ({
  wsimd: await import('wsimd'),
  web: await import('wsimd/web'),
  framing: await import('wsimd/framing'),
});

test('the contract', async () => {
  const results = await play({
    ...common,
    // Threads share what their process has.
    addressSpace: pool === 'forks' ? common.addressSpace : undefined,
    async load() {
      if (moment === 'before') fakeTimers();
      for (let evaluation = 0; again && evaluation < EVALUATIONS; evaluation += 1) {
        await evaluate();
        vi.resetModules();
      }
      const modules = await evaluate();
      if (moment === 'behind') fakeTimers();
      return modules;
    },
    beforeCase() {
      if (moment === 'before') fakeTimers();
    },
    fake() {
      fakeTimers();
      return () => vi.useRealTimers();
    },
  });
  report(results, name);
});
