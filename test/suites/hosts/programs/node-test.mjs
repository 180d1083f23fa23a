// node:test with its mock timers, from before or from behind the import: its argument.

import test, { mock } from 'node:test';
import contract from './contract.cjs';
import host from './host.cjs';

const moment = process.argv[2];

test('the contract', { timeout: 120_000 }, async () => {
  const load = async () => {
    if (moment === 'before') mock.timers.enable();
    const modules = {
      wsimd: await import('wsimd'),
      web: await import('wsimd/web'),
      framing: await import('wsimd/framing'),
    };
    if (moment === 'behind') mock.timers.enable();
    return modules;
  };
  const results = await contract.play({
    ...host.common,
    load,
    fake() {
      mock.timers.reset();
      mock.timers.enable();
      let isFake = true;
      return () => {
        if (isFake) mock.timers.reset();
        isFake = false;
      };
    },
  });
  mock.timers.reset();
  host.report(results);
});
