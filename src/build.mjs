// `npm run build:host`: makes dist/ of src/ and build/core.wasm, but for the types, which tsup makes. The same code is there
// twice, not once for each platform, so that the download stays small:
//
// - dist/*.cjs, CommonJS, for Node.js, Bun and Deno, by `import` too (dist/*.mjs): one copy of every class, in lines that a
//   person can read where an error shows them. Pages that use `require` get it too: the field `browser` of package.json puts
//   other files in place of those in dist/platform/.
// - dist/bundler/, ES modules that shake, for what is bundled for Node.js (the condition `module`), for workerd and for pages.
//   What differs between these is imported by a name, `#dist/…`, that package.json leads to a folder of each.

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { internalNames } from './internal-names.mjs';
import { parameterProperties } from './parameter-properties.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/**
 * The binary, decoded when it is asked for, where `Buffer` may be missing: what the bundler makes of it is decoded by each import
 * and, for such places, by a loop of JavaScript, which takes 6 ms. It is imported in one place alone.
 *
 * @type {import('esbuild').Plugin}
 */
const binaryAnywhere = {
  name: 'binary-anywhere',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.wasm$/ }, ({ path }) => {
      const text = JSON.stringify(readFileSync(path, 'base64'));
      const bytes = 'Uint8Array.from(atob(text), (one) => one.charCodeAt(0))';
      const decoded = `(typeof Buffer === 'function' ? Buffer.from(text, 'base64') : ${bytes})`;
      return { contents: `const text = ${text};\nexport default () => ${decoded};\n` };
    }),
};

/** What differs between runtimes: by the name that the sources import, the file for each. */
const PLATFORM = {
  '#wasm': {
    node: 'src/runtime/wasm-bytes.ts',
    workerd: 'src/runtime/wasm-module.ts',
    page: 'src/runtime/wasm-bytes.ts',
  },
  '#fall-back': {
    node: 'src/runtime/fall-back.ts',
    workerd: 'src/runtime/no-fall-back.ts',
    page: 'src/runtime/fall-back.ts',
  },
  '#host': { node: 'src/runtime/host-node.ts', workerd: 'src/runtime/host-web.ts', page: 'src/runtime/host-web.ts' },
  '#timers': {
    node: 'src/runtime/timers.ts',
    workerd: 'src/runtime/timers-edge.ts',
    page: 'src/runtime/timers.ts',
  },
  '#zlib': { node: 'src/runtime/zlib-node.ts', workerd: 'src/runtime/zlib-lent.ts', page: 'src/runtime/zlib-lent.ts' },
  '#stand-in': {
    node: 'src/deflate/stand-in.ts',
    workerd: 'src/deflate/no-stand-in.ts',
    page: 'src/deflate/no-stand-in.ts',
  },
  '#socket-options': {
    node: 'src/options/socket-options.ts',
    workerd: 'src/options/socket-options-edge.ts',
    page: 'src/options/socket-options.ts',
  },
  '#transport': {
    node: 'src/transport/node/node.ts',
    workerd: 'src/transport/workerd.ts',
    page: 'src/transport/none.ts',
  },
};

const PORTABLE = { index: 'src/portable.ts', web: 'src/web.ts', framing: 'src/framing.ts' };
/** What programs import, by name. */
const NAMES = Object.keys(PORTABLE);
const ENTRIES = { ...PORTABLE, index: 'src/index.ts', portable: 'src/portable.ts' };

/**
 * Classes that many programs do not use, and that do something when they are loaded: a file of its own is left out by a bundler,
 * a class within a file that is used otherwise is not. (WebSocket is one of them so that what it shares with WebSocketStream does
 * not come to lie in the file of that.)
 */
const APART = [
  'src/transport/proxy/negotiation.ts',
  'src/web/websocket-stream.ts',
  'src/web/websocket.ts',
  'src/ws/client-only.ts',
  'src/ws/without-node.ts',
];

/**
 * What esbuild leaves: constants that are used once are written there, which is a sixtieth of a program for the edge. Functions stay
 * functions, as the engine has been measured with them; and names are given once more by whoever bundles.
 *
 * @type {import('terser').MinifyOptions}
 */
const SHORTER = {
  module: true,
  ecma: 2020,
  mangle: false,
  // By these a bundler knows what it may leave out.
  format: { preserve_annotations: true },
  compress: { ecma: 2020, passes: 3, inline: 0, reduce_funcs: false, sequences: false },
};

/**
 * Deno keeps what it has compiled of a CommonJS file by its path and V8's hash of its text, which of a longer text is its length. An
 * upgrade in place that changes no more than names would go on with the file of before, which looks for files that are gone.
 */
const MOST_HASHED = 16_383;

/** How a module of ours begins as CommonJS. */
const MODULE = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n';

/** @type {import('esbuild').BuildOptions} */
const COMMON = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  // Node.js 20 has all of it.
  target: 'es2022',
  loader: { '.wasm': 'binary' },
  external: ['cloudflare:sockets', 'node:*'],
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
await buildCommonJs();
await buildForBundlers();
for (const name of ['main.cjs', 'main.d.cts', 'browser.cjs']) copy(`src/${name}`, name);
for (const name of NAMES) copy(`src/${name}.d.mts`, `${name}.d.mts`);
copy('build/core.wasm', 'bundler/workerd/core.wasm');
copy('build/core.wasm', 'core.wasm');

async function buildCommonJs() {
  /** @type {Record<string, string>} */
  const entryPoints = { ...ENTRIES };
  for (const [name, { node, page }] of Object.entries(PLATFORM)) {
    if (name === '#wasm') continue;
    entryPoints[`platform/${name.slice(1)}`] = node;
    if (page !== node) entryPoints[`platform/${name.slice(1)}-page`] = page;
  }
  const { outputFiles, metafile } = await build({
    ...COMMON,
    entryPoints,
    platform: 'neutral',
    outdir: dist,
    write: false,
    metafile: true,
    plugins: [
      binaryAnywhere,
      elsewhere((name, importer) => {
        if (name === '#wasm') return undefined;
        const isBeside = Object.values(PLATFORM).some(({ node, page }) =>
          [node, page].includes(relative(root, importer)),
        );
        return `${isBeside ? '.' : './platform'}/${name.slice(1)}.js`;
      }),
    ],
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeCommonJs(path.replace(/js$/, 'cjs'), await commonJs(text), metafile.outputs[relative(root, path)].exports);
  }
  // What `import` gets: the same, name by name, since `export *` would have those that only CommonJS knows, too.
  for (const name of NAMES) {
    const names = metafile.outputs[`dist/${name}.js`].exports.filter((one) => one !== 'default');
    // The entries with a default have it by this name, too.
    if (names.includes('WebSocket')) names.push('WebSocket as default');
    writeFileSync(join(dist, `${name}.mjs`), `export {\n  ${names.join(',\n  ')},\n} from './${name}.cjs';\n`);
  }
}

/**
 * What is long gets a name that tells its content, as the chunks of esbuild have, and the file that others know by its own name has what
 * is exported there. So has what programs import, whatever its length: Node.js looks for the names of CommonJS in all of the text
 * before it loads it, which takes as long as the loading.
 *
 * @param {string} path
 * @param {string} code
 * @param {readonly string[]} names what it exports
 */
function writeCommonJs(path, code, names) {
  const name = basename(path, '.cjs');
  const isShort = code.length <= MOST_HASHED && !NAMES.includes(name);
  if (isShort || name.startsWith('chunk-')) {
    writeFileSync(path, code);
    return;
  }
  // Nothing else, to be short where an error shows it.
  const content = `${createHash('sha256').update(code).digest('hex').slice(0, 8).toUpperCase()}.cjs`;
  writeFileSync(join(dirname(path), content), code);
  const lines = names.map((one) => `exports.${one} = names.${one};`);
  writeFileSync(path, `${MODULE}const names = require("./${content}");\n${lines.join('\n')}\n`);
}

async function buildForBundlers() {
  /** @type {Record<string, string>} */
  const entryPoints = { ...ENTRIES };
  for (const [name, { page, ...files }] of Object.entries(PLATFORM)) {
    for (const [runtime, file] of Object.entries(files)) entryPoints[`${runtime}/${name.slice(1)}`] = file;
    if (page !== files.node) entryPoints[`page/${name.slice(1)}`] = page;
  }
  for (const file of APART) entryPoints[`apart/${basename(file, '.ts')}`] = file;
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints,
    platform: 'neutral',
    minify: true,
    mangleProps: new RegExp(`^(${internalNames(root, Object.values(ENTRIES)).join('|')})$`),
    outdir: join(dist, 'bundler'),
    write: false,
    plugins: [
      elsewhere((name) => `#dist/${name.slice(1)}`),
      {
        name: 'binary-of-workerd',
        setup: ({ onResolve }) =>
          onResolve({ filter: /core\.wasm$/ }, ({ importer }) =>
            basename(importer) === 'wasm-module.ts' ? { path: './core.wasm', external: true } : undefined,
          ),
      },
      parameterProperties,
      binaryAnywhere,
    ],
  });
  for (const { path, text } of outputFiles) {
    // What is apart is in chunks, which the others import.
    if (basename(dirname(path)) === 'apart') continue;
    const { code } = await minify(text, SHORTER);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, /** @type {string} */ (code));
  }
}

/**
 * Leaves imports of what differs between runtimes to whoever loads the package.
 *
 * @param {(name: keyof typeof PLATFORM, importer: string) => string | undefined} placeOf undefined: as package.json has it
 * @returns {import('esbuild').Plugin}
 */
function elsewhere(placeOf) {
  return {
    name: 'elsewhere',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^#/ }, ({ path: name, importer }) => {
        const path = placeOf(/** @type {keyof typeof PLATFORM} */ (name), importer);
        return path && { path, external: true };
      }),
  };
}

/**
 * A module of esbuild's as CommonJS. What parts have of each other are constants: reading `part.name` anew wherever it is used
 * would cost what the compilers for CommonJS make of it. What is Node's own is read from its module anew, as whoever replaces it
 * there expects.
 *
 * @param {string} source
 */
async function commonJs(source) {
  const constants = (names) => names.trim().replaceAll(' as ', ': ');
  const parts = source
    // Which few programs need: it is loaded when it is called.
    .replace(/^import \{\s*(makeFallBack)\s*\} from "(\.[^"]+)\.js";$/gm, (_, name, path) => {
      return `const ${name} = () => require("${path}.cjs").${name}();`;
    })
    .replace(/^import \{([^}]*)\} from "(\.[^"]+)\.js";$/gm, (_, names, path) => {
      return `const {\n  ${constants(names)}\n} = require("${path}.cjs");`;
    })
    .replace(/^import "(\.[^"]+)\.js";$/gm, 'require("$1.cjs");')
    .replace(/^export \{([^}]*)\};$/gm, (_, names) => {
      const pairs = names.split(',').map((pair) => pair.trim().split(' as '));
      for (const [name] of pairs) {
        if (new RegExp(`^(let|var) ${name};`, 'm').test(source)) throw new Error(`${name} is no constant.`);
      }
      return pairs.map(([name, as = name]) => `exports.${as} = ${name};`).join('\n');
    });
  const { code } = await transform(parts, { format: 'cjs', platform: 'node', target: COMMON.target });
  if (/^(import|export) /m.test(code)) throw new Error(`There is a statement left:\n${code}`);
  return `${MODULE}${code}`;
}

/**
 * @param {string} from
 * @param {string} to below dist/
 */
function copy(from, to) {
  copyFileSync(join(root, from), join(dist, to));
}
