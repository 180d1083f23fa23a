// Pages: a bundle is loaded where there is nothing of Node.js, only what a page has. Loading it must go unnoticed; then each face
// says in a sentence that there is no TCP, and the codec works.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import { bundlers } from './bundlers.mjs';
import { nodePrints } from './stage.mjs';

const NO_SOCKETS =
  'This runtime cannot do what was asked for: a browser has no TCP sockets: use its own WebSocket, or give wsimd a byte pipe by the option transport; wsimd/framing works there.';
const NEEDS_NODE =
  'The drop-in for ws needs Node.js, Bun or Deno; here there are AsyncTcpConnection of wsimd and WebSocket of wsimd/web.';

const EXPECTED = {
  callbacks: [
    ['error', 'WS_ERR_UNSUPPORTED', NO_SOCKETS],
    ['close', 1006, false],
  ],
  events: ['error', 'close', 1006, false],
  dropIn: [NEEDS_NODE, NEEDS_NODE],
  codec: ['안녕', [1, 2, 3], 1000, 'done'],
};

/** What a page has besides the language. */
const PLATFORM = `
  AbortController AbortSignal Blob DOMException Event EventTarget MessageChannel MessageEvent ReadableStream TextDecoder TextEncoder
  TransformStream URL URLSearchParams WritableStream atob btoa crypto performance structuredClone
`;
/** What a module must not use while it loads. */
const EFFECTS = ['clearInterval', 'clearTimeout', 'fetch', 'queueMicrotask', 'setInterval', 'setTimeout'];

/** Those that take `require` without a plugin. */
const REQUIRING = ['esbuild', 'webpack', 'vite'];

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ folder, project }) {
  const page = readFileSync(join(project, 'page.mjs'), 'utf8');
  writeFileSync(join(project, 'page.cjs'), requiring(page));
  const check = (name, program) => async () => {
    const place = join(folder, 'bundles', `${program.replace('.', '-')}-${name}`);
    const path = await bundlers[name](join(project, program), 'page', place);
    const source = readFileSync(path, 'utf8');
    const told = await open(source);
    if (JSON.stringify(told) !== JSON.stringify(EXPECTED)) throw new Error(JSON.stringify(told, null, 1));
    return `${Math.ceil(source.length / 1024)} KiB`;
  };
  return [
    ...Object.keys(bundlers).map((name) => [`by ${name}`, check(name, 'page.mjs')]),
    ...REQUIRING.map((name) => [`by ${name}, required`, check(name, 'page.cjs')]),
    [
      'required on Node.js by the condition browser, as tests of pages do',
      () => {
        const program = `
          const { Decoder } = require('wsimd/framing');
          const WebSocket = require('wsimd');
          try { new WebSocket('ws://127.0.0.1:1/'); } catch (error) { console.log(error.message, typeof Decoder); }
        `;
        const words = ['--conditions=browser', '--input-type=commonjs', '--eval', program];
        return nodePrints(words, project, `${NEEDS_NODE} function\n`);
      },
    ],
  ];
}

/** @param {string} source with imports on lines of their own */
function requiring(source) {
  return source.replace(/^import (?:(\w+), )?(\{.*\}) from ('.*');$/gm, (_, name, names, from) => {
    const own = name === undefined ? '' : `const ${name} = require(${from});\n`;
    return `${own}const ${names} = require(${from});`;
  });
}

/** @param {string} source a classic script that defines `play` */
async function open(source) {
  /** @type {string[]} */
  const noticed = [];
  let isLoading = true;
  const page = vm.createContext({ console: spy('console', noticed) });
  for (const name of PLATFORM.trim().split(/\s+/)) page[name] = globalThis[name];
  for (const name of EFFECTS) {
    page[name] = (...values) => {
      if (isLoading) noticed.push(name);
      return globalThis[name](...values);
    };
  }
  vm.runInContext('globalThis.self = globalThis.window = globalThis', page);
  const before = inventory(page);
  vm.runInContext(source, page);
  isLoading = false;
  const after = inventory(page);
  noticed.push(...after.filter((line) => !before.includes(line)), ...before.filter((line) => !after.includes(line)));
  if (noticed.join() !== 'globalThis.play') throw new Error(`Loading was noticed: ${noticed.join(', ')}`);
  const told = await vm.runInContext('play()', page);
  if (noticed.length > 1) throw new Error(`The console was used: ${noticed.join(', ')}`);
  return told;
}

/** @param {string} name */
function spy(name, noticed) {
  return new Proxy(
    {},
    {
      get: (_, property) => () => {
        noticed.push(`${name}.${String(property)}`);
      },
    },
  );
}

/** Every global, and every property of those that are objects or classes. */
function inventory(page) {
  return vm.runInContext(
    `Reflect.ownKeys(globalThis).flatMap((name) => {
      const value = globalThis[name];
      const owners = [[String(name), value], [String(name) + '.prototype', value?.prototype]];
      const isPlace = ([, owner]) => (typeof owner === 'object' || typeof owner === 'function') && owner !== null;
      const inside = owners.filter((pair) => isPlace(pair) && pair[1] !== globalThis && name !== 'console' && name !== 'play');
      return ['globalThis.' + String(name), ...inside.flatMap(([path, owner]) =>
        Reflect.ownKeys(owner).map((key) => path + '.' + String(key)))];
    })`,
    page,
  );
}
