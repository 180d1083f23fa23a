// The hosts that Jest is: each environment with real and with fake timers, and with modules that are evaluated again. What a test
// is to do is in `globals.WSIMD`.

/**
 * @typedef {object} Mode
 * @property {'modern' | 'legacy'} [timers] which kind of fake timers, if any
 * @property {'before' | 'behind'} [moment] from when on they are fake
 * @property {'resetModules' | 'isolateModules'} [again] how the package is evaluated again and again
 * @property {boolean} [isPage] the build for pages
 */

/** @type {any[]} */
const FAKES = ['modern', 'legacy'].flatMap((timers) =>
  ['before', 'behind'].map((moment) => ({ timers, moment, title: `${timers} fake timers from ${moment} the import` })),
);
const AGAIN = ['resetModules', 'isolateModules'].map((again) => ({ again, title: again }));
/** @type {(Partial<Mode> & { title: string })[]} */
const MODES = [{ title: 'plain' }, ...FAKES, ...AGAIN];

/** jsdom chooses what packages have for pages, unless it is told otherwise. */
const OF_NODE = { customExportConditions: ['node', 'node-addons'] };

/** @type {(environment: string, mode: Partial<Mode> & { title: string }, more?: object) => any} */
const project = (environment, { title, ...mode }, more = {}) => ({
  name: `Jest: ${environment}, ${title}`,
  environment: environment.split(' ')[0],
  ...mode,
  ...more,
});

const PROJECTS = [
  ...MODES.map((mode) => project('node', mode)),
  ...MODES.map((mode) => project('jsdom with Node’s builds', mode, { options: OF_NODE })),
  ...MODES.slice(0, 2).map((mode) => project('jsdom', mode, { isPage: true })),
];

/** @type {(project: any) => object} */
const toConfig = ({ name, environment, options = {}, ...mode }) => ({
  rootDir: __dirname,
  displayName: name,
  testEnvironment: require.resolve(environment === 'node' ? 'jest-environment-node' : 'jest-environment-jsdom', {
    paths: [require.resolve('jest/package.json'), __dirname],
  }),
  testEnvironmentOptions: options,
  testMatch: ['<rootDir>/contract.test.cjs'],
  transform: {},
  fakeTimers: { enableGlobally: mode.moment === 'before', legacyFakeTimers: mode.timers === 'legacy' },
  resetModules: mode.again === 'resetModules',
  globals: { WSIMD: { name, ...mode } },
});

module.exports = { PROJECTS, toConfig };
