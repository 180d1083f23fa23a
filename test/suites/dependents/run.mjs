// `npm run packages`: installs packages that use ws as a client with wsimd in its place, and runs a script for each. It owns the
// installation, the command line and the sum; a script knows its package.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PACKAGES } from './packages.mjs';

const HELP = `npm run packages -- [options]

Packs the built repository, installs real packages from the npm registry that use ws as a client, with wsimd in the place of their
ws, and runs the script of each against a real server on this machine.

  --only name     only the packages whose names contain this
  --on ws         the control: with the real ws, and undici's WebSocket for wsimd/web
  --in directory  installs there, or uses what an earlier run has installed there; a temporary directory otherwise
  --verbose       prints what each script prints, not of failed ones only
  --help`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    on: { type: 'string', default: 'wsimd' },
    in: { type: 'string' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
if (values.on !== 'wsimd' && values.on !== 'ws') {
  console.error('--on takes wsimd or ws.');
  process.exit(2);
}

const DEADLINE_SECONDS = 60;
const AT_A_TIME = 2;
const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..', '..');
const directory = values.in ?? mkdtempSync(join(tmpdir(), 'wsimd-packages-'));
const chosen = PACKAGES.filter(({ name }) => name.includes(values.only ?? ''));

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  if (!values.in) rmSync(directory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

if (chosen.length === 0) {
  console.error(`No package is named like ${values.only}.`);
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
cpSync(here, directory, { recursive: true, filter: (path) => !/node_modules|package\.json$/.test(path) });
if (!existsSync(join(directory, 'node_modules'))) install();

const started = performance.now();
const results = new Map();
const waiting = [...chosen];
await Promise.all(Array.from({ length: AT_A_TIME }, work));
report();

function install() {
  const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  if (values.on === 'wsimd') {
    // Without its scripts: `prepack` would build, and what is tested is what is there.
    npm(['pack', '--ignore-scripts', '--pack-destination', directory], root);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    renameSync(join(directory, `wsimd-${version}.tgz`), join(directory, 'wsimd.tgz'));
    const wsimd = 'file:./wsimd.tgz';
    manifest.dependencies['application-ws'] = wsimd;
    manifest.overrides = {};
    for (const { overrides = [] } of PACKAGES) for (const name of overrides) manifest.overrides[name] = { ws: wsimd };
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, null, 2));
  console.log('Installing the packages …');
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], directory);
  if (values.on === 'wsimd') for (const { peers = [] } of PACKAGES) for (const name of peers) placeBeside(name);
}

/**
 * Puts wsimd into the node_modules of a package to which ws is a peer: a peer is shared with the top level, where the servers
 * have the real ws, so that npm refuses to override it for one package.
 * @param {string} name
 */
function placeBeside(name) {
  const place = join(directory, 'node_modules', name, 'node_modules', 'ws');
  cpSync(join(directory, 'node_modules', 'application-ws'), place, { recursive: true });
}

/**
 * @param {string[]} parameters
 * @param {string} cwd
 */
function npm(parameters, cwd) {
  // Said aloud: `npm run -s` has set the level for all below it to silent.
  const { status, stderr, error } = spawnSync('npm', [...parameters, '--loglevel=error'], { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const output = error ? error.message : stderr;
  const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|ENETUNREACH/.test(
    output,
  );
  console.error(
    `${output}\n${unreachable ? 'The npm registry cannot be reached' : `npm ${parameters[0]} failed`}; no package was run.`,
  );
  if (values.in) rmSync(join(directory, 'node_modules'), { recursive: true, force: true });
  process.exit(1);
}

async function work() {
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) results.set(entry, await run(entry));
}

/** @param {import('./packages.mjs').Package} entry */
function run({ script }) {
  return new Promise((resolve) => {
    const start = performance.now();
    const env = { ...process.env, WSIMD_PACKAGES_ON: values.on };
    const child = spawn(process.execPath, [`${script}.mjs`], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let output = '';
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, DEADLINE_SECONDS * 1000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('close', (status) => {
      clearTimeout(deadline);
      children.delete(child);
      const [, passed = 0, failed = 0] = output.match(/(\d+) passed, (\d+) failed\s*$/) ?? [];
      if (late) output += `\nkilled after ${DEADLINE_SECONDS} s\n`;
      const good = status === 0;
      if (values.verbose || !good) console.log(`--- ${script}\n${output}`);
      resolve({ good, late, passed, failed, seconds: (performance.now() - start) / 1000 });
    });
  });
}

function report() {
  const require = createRequire(join(directory, 'package.json'));
  const rows = chosen.map((entry) => {
    const { good, late, passed, failed, seconds } = results.get(entry);
    const manifest = join(directory, 'node_modules', entry.name, 'package.json');
    const verdict = good ? 'ok' : late ? 'TOO LATE' : 'FAILED';
    const columns = [entry.name, require(manifest).version, passed, failed, seconds.toFixed(1), verdict];
    return columns.map(String);
  });
  const table = [['package', 'version', 'checks', 'failed', 'seconds', ''], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log();
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
  const all = [...results.values()];
  const bad = all.filter(({ good }) => !good).length;
  console.log(`\non ${values.on}, ${((performance.now() - started) / 1000).toFixed(0)} s after the installation`);
  console.log(`${all.length - bad} passed, ${bad} failed`);
  process.exitCode = bad > 0 ? 1 : 0;
}
