// The contract as a test of Jest.

const { common, load, report } = require('./host.cjs');
const { play } = require('./contract.cjs');

const { name, timers, moment, again, isPage } = globalThis.WSIMD;

/** Evaluations of the package before the one that is used. */
const EVALUATIONS = 5;

const fakeTimers = () => jest.useFakeTimers({ legacyFakeTimers: timers === 'legacy' });

function evaluate() {
  if (again === 'resetModules') jest.resetModules();
  if (again !== 'isolateModules') return load();
  let modules;
  jest.isolateModules(() => {
    modules = load();
  });
  return modules;
}

test('the contract', async () => {
  const results = await play({
    ...common,
    isPage,
    load() {
      if (again) for (let evaluation = 0; evaluation < EVALUATIONS; evaluation += 1) evaluate();
      const modules = evaluate();
      if (moment === 'behind') fakeTimers();
      return modules;
    },
    beforeCase() {
      if (moment === 'before') fakeTimers();
    },
    fake() {
      fakeTimers();
      return () => jest.useRealTimers();
    },
  });
  report(results, name);
}, 120_000);
