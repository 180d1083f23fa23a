// The contract as a test of Jest that is a module.

import { jest } from '@jest/globals';
import contract from './contract.cjs';
import host from './host.cjs';

test('the contract', async () => {
  const results = await contract.play({
    ...host.common,
    load: async () => ({
      wsimd: await import('wsimd'),
      web: await import('wsimd/web'),
      framing: await import('wsimd/framing'),
    }),
    fake() {
      jest.useFakeTimers();
      return () => jest.useRealTimers();
    },
  });
  host.report(results, 'Jest: node, as ESM');
}, 120_000);
