// The package, and the contract, evaluated in a context of their own, as runners of tests do it, while Node's modules and
// globals are those of the main one.

const { readFileSync } = require('node:fs');
const { dirname, resolve } = require('node:path');
const vm = require('node:vm');
const { common, report } = require('./host.cjs');

const GLOBALS = [
  ...[
    'AbortController',
    'AbortSignal',
    'Blob',
    'Buffer',
    'DOMException',
    'Event',
    'EventTarget',
    'Headers',
    'MessageEvent',
  ],
  ...['TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'ReadableStream', 'WritableStream', 'TransformStream'],
  ...['atob', 'btoa', 'clearImmediate', 'clearInterval', 'clearTimeout', 'console', 'crypto', 'performance', 'process'],
  ...['queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout', 'structuredClone'],
];
const globals = {};
for (const name of GLOBALS) globals[name] = globalThis[name];
const context = vm.createContext(globals);
const modules = new Map();

function load(path) {
  let module = modules.get(path);
  if (module) return module.exports;
  module = { exports: {} };
  modules.set(path, module);
  const source = `(function (module, exports, require, __dirname, __filename) {${readFileSync(path, 'utf8')}\n})`;
  const evaluate = vm.runInContext(source, context, { filename: path });
  const folder = dirname(path);
  const inside = (name) => (name.startsWith('.') ? load(require.resolve(resolve(folder, name))) : require(name));
  evaluate(module, module.exports, inside, folder, path);
  return module.exports;
}

const { play } = load(require.resolve('./contract.cjs'));
play({
  ...common,
  load: () => ({
    wsimd: load(require.resolve('wsimd')),
    web: load(require.resolve('wsimd/web')),
    framing: load(require.resolve('wsimd/framing')),
  }),
}).then((results) => report(results));
