// What a bundle leaves out: of a program that uses the codec alone everything that could open a socket, and of one that uses
// nothing everything, which is what `sideEffects: false` promises.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundlers } from './bundlers.mjs';

const KIB = 1024;
/**
 * Of the codec in a bundle, gzipped, wasm and the core for hosts without it inlined: the most is what Vite makes for servers, which
 * it does not minify.
 */
const BUDGET = 40 * KIB;

/** What it takes from Node.js, past globals that may be replaced: none of these can open a socket. */
const OF_THE_HOST = [
  'buffer',
  'crypto',
  'module',
  'perf_hooks',
  'process',
  'timers',
  'timers/promises',
  'url',
  'util',
  'zlib',
];

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ folder, project }) {
  const checks = [];
  for (const name of ['esbuild', 'rollup', 'webpack', 'vite']) {
    for (const target of /** @type {const} */ (['node', 'page'])) {
      const place = join(folder, 'bundles', `codec-${name}-${target}`);
      checks.push([
        `the codec alone, by ${name} for ${target === 'node' ? 'Node.js' : 'pages'}`,
        async () => {
          const source = readFileSync(await bundlers[name](join(project, 'codec.mjs'), target, place), 'utf8');
          const modules = new Set(
            [...source.matchAll(/(?:from|import|require)\s*\(?\s*["'`]([^"'`]+)["'`]/g)].map(([, module]) => module),
          );
          // Elsewhere they are globals, or lent by the program that needs them.
          if (target === 'node') for (const name of OF_THE_HOST) modules.delete(`node:${name}`);
          if (modules.size > 0) throw new Error(`It imports ${[...modules].join(', ')}.`);
          const { length } = gzipSync(source, { level: 9 });
          if (length > BUDGET) throw new Error(`It has ${length} bytes gzipped.`);
          return `${(length / KIB).toFixed(1)} KiB gzipped`;
        },
      ]);
    }
  }
  for (const name of ['esbuild', 'rollup']) {
    checks.push([
      `nothing, by ${name}: a bare import of each entry`,
      async () => {
        const entry = join(project, 'bare.mjs');
        writeFileSync(
          entry,
          "import 'wsimd';\nimport 'wsimd/framing';\nimport 'wsimd/web';\nglobalThis.isThere = true;\n",
        );
        for (const target of /** @type {const} */ (['node', 'worker', 'page'])) {
          const path = await bundlers[name](entry, target, join(folder, 'bundles', `bare-${name}-${target}`));
          const source = readFileSync(path, 'utf8');
          if (!source.includes('isThere') || source.length > 100)
            throw new Error(`${target}: ${source.slice(0, 1_000)}`);
        }
      },
    ]);
  }
  return checks;
}
