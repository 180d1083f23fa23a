// `npm run test:runtimes`: one contract (contract/cases.ts) on every runtime, from the packed package as a dependency of an empty
// project. It wants the runtimes installed, prints a table, and ends with `N passed, N failed`.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { findBun, findDeno, findNode, ownRuntime } from '../../../bench/runner/runtimes.mjs';
import { makeProject, packTo } from '../../support/npm.mjs';
import { report } from './report.mjs';

/**
 * @typedef {import('./contract/play').Result} Result
 * @typedef {{ name: string, results: Result[] }} Played
 * @typedef {object} Player
 * @property {string} name
 * @property {string[]} command completed with the place of the servers, and `words`
 * @property {string[]} words
 */

const HELP = `npm run test:runtimes -- [options]

Packs the built repository, installs the tarball into an empty project, and plays one contract on every runtime that
\`npm run runtimes\` has installed.

  --only text     only the cases whose names contain this
  --runtime text  only the runtimes whose names contain this
  --help`;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, runtime: { type: 'string', default: '' }, help: { type: 'boolean' } },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How long one runtime may take. */
const PATIENCE = 180_000;

/**
 * An empty project with the package in it as npm installs it, and the programs of the contract, which import it from there.
 *
 * @param {string} folder
 */
async function makeStage(folder) {
  makeProject(folder, packTo(folder), { type: 'module' });
  symlinkSync(join(here, 'node_modules/miniflare'), join(folder, 'node_modules/miniflare'));
  const common = /** @type {const} */ ({ bundle: true, format: 'esm', logLevel: 'warning' });
  await build({
    ...common,
    entryPoints: ['program', 'worker', 'workerd'].map((name) => join(here, `contract/${name}.ts`)),
    outdir: folder,
    platform: 'node',
    external: ['wsimd', 'wsimd/*', 'miniflare'],
    outExtension: { '.js': '.mjs' },
  });
  await build({
    ...common,
    entryPoints: [join(here, 'contract/servers.ts')],
    outdir: join(root, 'build'),
    platform: 'node',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
  });
  // As whoever bundles a program for Node.js gets it: minified.
  await build({
    ...common,
    entryPoints: [join(folder, 'program.mjs')],
    outfile: join(folder, 'bundled.mjs'),
    platform: 'node',
    external: ['miniflare'],
  });
  // As wrangler does it: the package's own conditions, and the binary beside the Worker.
  await build({
    ...common,
    entryPoints: [join(folder, 'worker.mjs')],
    outdir: join(folder, 'worker'),
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
  });
}

/**
 * Every runtime, by its name and the command that plays the contract on it.
 *
 * @param {string} folder
 * @returns {Player[]}
 */
function playersIn(folder) {
  const program = join(folder, 'program.mjs');
  const found = [ownRuntime, ...['22', '24', '26'].map(findNode), findBun(), findDeno()];
  const runtimes = found.filter((runtime) => runtime !== undefined);
  if (runtimes.length < found.length || !existsSync(join(here, 'node_modules/miniflare'))) {
    throw new Error('There is a runtime missing: npm run runtimes');
  }
  const players = runtimes.map(({ name, command }) => {
    return { name, command: [...command, program], words: /** @type {string[]} */ ([]) };
  });
  players.push({
    name: `${ownRuntime.name}, bundled`,
    command: [...ownRuntime.command, join(folder, 'bundled.mjs')],
    words: [],
  });
  const { version } = JSON.parse(readFileSync(join(here, 'node_modules/workerd/package.json'), 'utf8'));
  for (const flags of [[], ['nodejs_compat']]) {
    players.push({
      name: ['workerd', version, ...flags].join(' '),
      command: [process.execPath, join(folder, 'workerd.mjs')],
      words: [join(folder, 'worker'), ...flags],
    });
  }
  return players.filter(({ name }) => name.toLowerCase().includes(options.runtime.toLowerCase()));
}

/**
 * @param {Player} player
 * @param {import('./contract/stage').Place} place
 * @param {string} folder
 * @returns {Promise<Played>}
 */
async function play({ name, command, words }, place, folder) {
  const [executable = '', ...parameters] = [...command, JSON.stringify(place), ...words];
  // Of the certificates that workerd trusts miniflare takes these from the environment; the others are to take them from the
  // options.
  const env = words.length > 0 ? { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } : process.env;
  const program = spawn(executable, parameters, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise((resolve) => program.on('close', (code, signal) => resolve(signal ?? code)));
  const killer = setTimeout(() => program.kill('SIGKILL'), PATIENCE);
  let complaints = '';
  program.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  /** @type {Result[]} */
  const results = [];
  for await (const line of createInterface(program.stdout)) {
    if (line.startsWith('{')) results.push(JSON.parse(line));
    else complaints += `${line}\n`;
  }
  const status = await exit;
  clearTimeout(killer);
  if (status !== 0 || results.length === 0) {
    const reason = `${status}: ${complaints.slice(0, 3_000)}`;
    results.push({ name: 'the process ends by itself', verdict: 'failed', reason, seconds: 0 });
  }
  return { name, results };
}

/**
 * The first program of the README that came with the package, as it stands there but for the address of its server: what it sends
 * must come back. It runs until it is stopped.
 *
 * @param {Player} player
 * @param {string} url
 * @param {string} folder
 * @returns {Promise<Result>}
 */
async function playReadme({ command }, url, folder) {
  const readme = readFileSync(join(folder, 'node_modules/wsimd/README.md'), 'utf8');
  const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const path = join(folder, 'readme.mjs');
  writeFileSync(path, example.replace('ws://127.0.0.1:1234', url));
  const [executable = '', ...parameters] = [...command.slice(0, -1), path];
  const program = spawn(executable, parameters, { cwd: folder, stdio: 'pipe' });
  const name = 'the first example of the README';
  const killer = setTimeout(() => program.kill('SIGKILL'), 15_000);
  let output = '';
  program.stderr.on('data', (chunk) => {
    output += chunk;
  });
  for await (const line of createInterface(program.stdout)) {
    output += `${line}\n`;
    if (line === 'recv: hello') program.kill('SIGKILL');
  }
  clearTimeout(killer);
  return output === 'recv: hello\n'
    ? { name, verdict: 'passed', seconds: 0 }
    : { name, verdict: 'failed', reason: `it printed ${output || 'nothing'}`, seconds: 0 };
}

/**
 * The program that test/whole/identity.test.ts runs on Node.js from the repository: each class is there once, whether it is
 * imported or required.
 *
 * @param {Player} player
 * @param {string} folder
 * @returns {Result}
 */
function playIdentity({ command }, folder) {
  const path = join(folder, 'identity.mjs');
  copyFileSync(join(root, 'test/support/identity.mjs'), path);
  const [executable = '', ...parameters] = [...command.slice(0, -1), path];
  const { status, stdout, stderr } = spawnSync(executable, parameters, { cwd: folder, encoding: 'utf8' });
  const name = 'import and require get the same classes';
  return status === 0 && /^\{.*\}\n$/.test(stdout)
    ? { name, verdict: 'passed', seconds: 0 }
    : { name, verdict: 'failed', reason: `${status}: ${stdout}${stderr}`, seconds: 0 };
}

const folder = mkdtempSync(join(tmpdir(), 'wsimd-contract-'));
try {
  await makeStage(folder);
  const { startServers } = await import(pathToFileURL(join(root, 'build/servers.mjs')).href);
  const { close, ...place } = await startServers();
  writeFileSync(join(folder, 'ca.pem'), place.ca);
  /** @type {Played[]} */
  const played = [];
  for (const player of playersIn(folder)) {
    const result = await play(player, { ...place, only: options.only }, folder);
    if (player.words.length === 0) {
      result.results.push(await playReadme(player, `${place.ws}/echo`, folder), playIdentity(player, folder));
    }
    played.push(result);
  }
  close();
  process.exitCode = report(played) > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
