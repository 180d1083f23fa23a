// TypeScript, strict: every example of the pages compiles, by each way in which TypeScript finds types, and one of them runs.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, nodePrints, root } from './stage.mjs';

const COMPILER = join(root, 'node_modules/typescript/bin/tsc');

/** What those examples speak of that are a part of a program. */
const AROUND = `
import { AsyncTcpConnection } from 'wsimd';
declare const connection: AsyncTcpConnection;
declare const [json, ca, jpeg, signal]: [string, string, Uint8Array, AbortSignal];
declare function discover(name: string): Promise<{ url: string }>;
declare function token(): Promise<string>;
`;

/** @typedef {{ imports: string, body: string }} Example */

/** The pages of the folders that have some, which are not in the tarball. */
function pages() {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).sort();
}

/**
 * Those that are made for this package: a server that stands beside a client is not.
 *
 * @param {string} page
 * @returns {Example[]}
 */
function examplesOf(page) {
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].filter(([, source]) => !source.includes("from 'ws'"));
  return blocks.map(([, source]) => {
    const lines = source.split('\n');
    const isImport = (line) => line.startsWith('import ');
    const body = lines.filter((line) => !isImport(line)).join('\n');
    // A part of a program is a block of its own: it may declare what is around it anew.
    if (!lines.some(isImport)) return { imports: AROUND, body: `{\n${body}}\n` };
    return { imports: lines.filter(isImport).join('\n'), body };
  });
}

/** A module as it stands; CommonJS has no `await` outside of a function. */
const asModule = ({ imports, body }) => `${imports}\n${body}`;
const asCommonJs = ({ imports, body }) => `${imports}\nasync function program() {\n${body}}\nprogram();\n`;
const withoutGlobal = (example) =>
  asModule(example).replace('globalThis.WebSocket = WebSocket;', 'Object.assign(globalThis, { WebSocket });');

/**
 * Compiles programs in a folder of their own.
 *
 * @param {string} folder
 * @param {Record<string, string>} programs
 * @param {object} options
 */
async function compile(folder, programs, options) {
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(programs)) writeFileSync(join(folder, name), source);
  const compilerOptions = { strict: true, target: 'es2022', types: ['node'], rootDir: '.', outDir: 'out', ...options };
  const config = { compilerOptions, files: Object.keys(programs) };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { status, output } = await node([COMPILER, '-p', '.'], { cwd: folder });
  if (status !== 0) throw new Error(output);
  return `${Object.keys(programs).length} programs`;
}

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ project, url }) {
  const paths = [join(project, 'node_modules/wsimd/README.md'), ...pages().map((name) => join(root, 'src', name))];
  const all = paths.flatMap((path) => examplesOf(readFileSync(path, 'utf8')));
  const named = (extension, form) =>
    Object.fromEntries(all.map((one, at) => [`example-${at}.${extension}`, form(one)]));
  const node16 = { module: 'node16', moduleResolution: 'node16' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  const withoutNode = { ...bundler, types: [], skipLibCheck: true };
  // Node.js has no document: what the declarations speak of must be there without lib.dom, too. The global class is undici's
  // then, by @types/node, with undici's own options, so that no other class is assignable to it.
  const lib = ['es2022'];
  return [
    [
      'pages, node16, modules and CommonJS',
      () => compile(join(project, 'node16'), { ...named('mts', asModule), ...named('cts', asCommonJs) }, node16),
    ],
    [
      'pages, node16, without lib.dom',
      () => compile(join(project, 'no-dom'), named('mts', withoutGlobal), { ...node16, lib }),
    ],
    ['pages, bundler', () => compile(join(project, 'bundler'), named('ts', asModule), bundler)],
    [
      'pages, bundler, a Worker without @types/node (skipLibCheck)',
      () =>
        compile(join(project, 'worker-types'), named('ts', asModule), {
          ...withoutNode,
          lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
          customConditions: ['workerd'],
        }),
    ],
    ...['mts', 'cts'].map((kind) => [
      `pages, the drop-in runs as ${kind === 'mts' ? 'a module' : 'CommonJS'} against an echo server`,
      async () => {
        const form = kind === 'mts' ? asModule : asCommonJs;
        const example = all.find(({ imports }) => imports.includes('import WebSocket'));
        const source = form(example).replace('wss://example.org/feed', `${url}/once`).replace('…', 'token');
        if (!source.includes(url)) throw new Error('The example has another address.');
        const folder = join(project, `run-${kind}`);
        await compile(folder, { [`program.${kind}`]: source }, node16);
        await nodePrints([join(folder, 'out', `program.${kind[0]}js`)], project, 'hello\n1000 once\n');
      },
    ]),
  ];
}
