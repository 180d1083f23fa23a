// The hosts that vitest is: each environment, in each pool, with real and with fake timers, and with modules that are evaluated
// again. What a test is to do is in the environment's `WSIMD_MODE`.

const MODES = [
  { title: 'plain' },
  { title: 'fake timers from before the import', moment: 'before' },
  { title: 'fake timers from behind the import', moment: 'behind' },
  { title: 'resetModules', again: true },
];

/** @type {(environment: string, pool: string, mode: any) => any} */
const project = (environment, pool, { title, ...mode }) => ({
  name: `vitest: ${environment} in ${pool}, ${title}`,
  environment,
  pool,
  ...mode,
});

const PROJECTS = [
  ...MODES.map((mode) => project('node', 'forks', mode)),
  ...MODES.slice(0, 2).map((mode) => project('node', 'threads', mode)),
  project('node', 'vmThreads', MODES[0]),
  ...['jsdom', 'happy-dom'].flatMap((environment) => MODES.map((mode) => project(environment, 'forks', mode))),
];

module.exports = { PROJECTS };
