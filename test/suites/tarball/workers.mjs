// Workers: what wrangler and the bundlers make of one runs on workerd, with the binary beside it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { bundlers } from './bundlers.mjs';
import { filesOf, here, node } from './stage.mjs';

const DATE = '2026-04-01';
const NEEDS_NODE =
  'The drop-in for ws needs Node.js, Bun or Deno; here there are AsyncTcpConnection of wsimd and WebSocket of wsimd/web.';

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ folder, project, url }) {
  const made = ['esbuild', 'rollup', 'vite'].map((name) => [
    `by ${name} with the conditions of Workers`,
    async () => {
      const place = join(folder, 'bundles', `worker-${name}`);
      await bundlers[name](join(project, 'worker.mjs'), 'worker', place);
      return await play(place, [], url);
    },
  ]);
  const deployed = [[], ['nodejs_compat']].map((flags) => [
    ['by wrangler', ...flags].join(', '),
    async () => {
      const place = join(folder, 'bundles', ['worker-wrangler', ...flags].join('-'));
      await wrangler(project, place, flags, folder);
      return await play(place, flags, url);
    },
  ]);
  return [...made, ...deployed];
}

/** `wrangler deploy` up to where it would need an account, from a home of its own. */
async function wrangler(project, place, flags, home) {
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    CI: '1',
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
  };
  const words = [
    'deploy',
    'worker.mjs',
    '--dry-run',
    '--name',
    'talk',
    '--compatibility-date',
    DATE,
    '--outdir',
    place,
  ];
  for (const flag of flags) words.push('--compatibility-flags', flag);
  const program = join(here, 'node_modules/wrangler/bin/wrangler.js');
  const { status, output } = await node([program, ...words], { cwd: project, env });
  if (status !== 0 || /warning|error/i.test(output)) throw new Error(`exit ${status}: ${output}`);
}

/**
 * @param {string} place of the bundle
 * @param {string[]} flags
 * @param {string} url
 */
async function play(place, flags, url) {
  const names = filesOf(place).filter((name) => /\.(m?js|wasm)$/.test(name));
  const binaries = names.filter((name) => name.endsWith('.wasm'));
  if (binaries.length !== 1) throw new Error(`There is more or less than one binary: ${names.join(', ')}`);
  // The first module is the Worker; each bundler has its own extension for it.
  const isMain = (name) => name.startsWith('worker.');
  const scripts = names.filter((name) => !binaries.includes(name));
  const [main, ...others] = [...scripts.filter(isMain), ...scripts.filter((name) => !isMain(name))];
  let printed = '';
  const miniflare = new Miniflare({
    handleRuntimeStdio(...streams) {
      for (const stream of streams) {
        stream.setEncoding('utf8').on('data', (text) => {
          printed += text;
        });
      }
    },
    modules: [
      ...[main, ...others].map((name) => ({ type: 'ESModule', path: join(place, name) })),
      ...binaries.map((name) => ({ type: 'CompiledWasm', path: join(place, name) })),
    ],
    modulesRoot: place,
    compatibilityDate: DATE,
    compatibilityFlags: flags,
  });
  try {
    const response = await miniflare.dispatchFetch('http://worker.test/', { method: 'POST', body: url });
    const answer = await response.text();
    if (answer !== NEEDS_NODE) throw new Error(answer);
  } finally {
    await miniflare.dispose();
  }
  if (printed !== '') throw new Error(`The Worker's log has lines that nobody asked for: ${printed}`);
  return `${Math.ceil(readFileSync(join(place, main)).length / 1024)} KiB and ${binaries[0]}`;
}
