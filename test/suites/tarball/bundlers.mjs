// How each bundler is told to bundle one program for one kind of runtime, by its defaults as far as they go. A warning is a
// failure.

import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join, parse } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuildApi from 'esbuild';
import { rollup as rollupApi } from 'rollup';
import * as viteApi from 'vite';
import webpackApi from 'webpack';

/**
 * @typedef {'node' | 'worker' | 'page'} Target
 * @typedef {(entry: string, target: Target, folder: string) => Promise<string>} Bundle gives the path of the bundle
 */

/** What a Worker's project adds to the conditions of its bundler. */
const WORKER = ['workerd', 'worker'];

/** @type {Record<string, Bundle>} */
export const bundlers = { esbuild, rollup, webpack, vite };

/** @type {Bundle} */
async function esbuild(entry, target, folder) {
  const { name, ext } = parse(entry);
  const outfile = join(folder, `${name}${ext}`);
  const options = {
    node: { platform: 'node', format: ext === '.cjs' ? 'cjs' : 'esm' },
    worker: {
      format: 'esm',
      conditions: WORKER,
      external: ['cloudflare:*'],
      loader: { '.wasm': 'copy' },
      assetNames: '[name]',
    },
    page: { platform: 'browser', format: 'iife' },
  }[target];
  const { warnings } = await esbuildApi.build({
    ...options,
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    logLevel: 'silent',
  });
  // That it leaves out a bare import is what it should do, and what only esbuild tells.
  refuse(warnings.filter(({ id }) => id !== 'ignored-bare-import').map(({ text }) => text));
  return outfile;
}

/** @type {Bundle} */
async function rollup(entry, target, folder) {
  const file = join(folder, `${parse(entry).name}.mjs`);
  /** @type {string[]} */
  const warnings = [];
  const resolution = {
    node: { exportConditions: ['node'], preferBuiltins: true },
    worker: { exportConditions: WORKER, preferBuiltins: false },
    page: { browser: true, preferBuiltins: false },
  }[target];
  const bundle = await rollupApi({
    input: entry,
    plugins: [target === 'worker' && platformModules(folder), nodeResolve(resolution)],
    onwarn: ({ message }) => warnings.push(message),
  });
  await bundle.write({ file, format: target === 'page' ? 'iife' : 'esm' });
  await bundle.close();
  refuse(warnings);
  return file;
}

/** What a page with every face in it may weigh, minified: webpack itself recommends 250,000 bytes for a whole page. */
const ALL_FACES = 256 * 1024;

/** @type {Bundle} */
async function webpack(entry, target, folder) {
  // Webpack's own form for Node.js is CommonJS.
  const filename = `${parse(entry).name}.cjs`;
  const compiler = webpackApi({
    mode: 'production',
    target: target === 'node' ? 'node20' : 'web',
    context: parse(entry).dir,
    entry,
    output: { path: folder, filename },
    performance: target === 'node' ? false : { maxAssetSize: ALL_FACES, maxEntrypointSize: ALL_FACES },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  );
  await new Promise((resolve) => compiler.close(resolve));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  refuse([...errors, ...warnings].map(({ message }) => message));
  return join(folder, filename);
}

/** @type {Bundle} */
async function vite(entry, target, folder) {
  /** @type {string[]} */
  const warnings = [];
  const logger = viteApi.createLogger('silent');
  logger.warn = logger.warnOnce = logger.error = (message) => warnings.push(message);
  const entryFileNames = '[name].mjs';
  const forServers = { ssr: entry, rolldownOptions: { output: { entryFileNames } } };
  const forPages = { rolldownOptions: { input: entry, output: { entryFileNames, format: 'iife' } } };
  await viteApi.build({
    root: parse(entry).dir,
    configFile: false,
    logLevel: 'warn',
    customLogger: logger,
    plugins: target === 'worker' ? [platformModules(folder)] : [],
    build: { outDir: folder, emptyOutDir: false, ...(target === 'page' ? forPages : forServers) },
    ssr: {
      noExternal: true,
      ...(target === 'worker' ? { target: 'webworker', resolve: { conditions: WORKER } } : {}),
    },
  });
  refuse(warnings);
  return join(folder, `${parse(entry).name}.mjs`);
}

/** What the plugins for Workers do: the platform's modules stay imports, and a binary goes beside the bundle as it is. */
function platformModules(folder) {
  return {
    name: 'platform-modules',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source.startsWith('cloudflare:')) return { id: source, external: true };
      if (!source.endsWith('.wasm')) return null;
      mkdirSync(folder, { recursive: true });
      copyFileSync(join(parse(importer).dir, source), join(folder, basename(source)));
      return { id: `./${basename(source)}`, external: 'relative' };
    },
  };
}

/** @param {string[]} warnings */
function refuse(warnings) {
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
}
