// Where everything happens: an empty project that has the packed package as npm installs it, the programs of the hosts, and the
// servers in a process of their own. It knows none of the hosts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { installIn, makeProject, packTo } from '../../support/npm.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The runners, by the names that the project has them by. @type {Readonly<Record<string, string>>} */
const RUNNERS = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies;

/**
 * @typedef {object} Stage
 * @property {string} project
 * @property {string} place where the servers are, as JSON
 * @property {() => void} close
 */

/** The runners, unless they are there already. */
export function installRunners() {
  installIn(here, 'the runners');
}

/** @returns {Promise<Stage>} */
export async function makeStage() {
  const project = mkdtempSync(join(tmpdir(), 'wsimd-hosts-'));
  makeProject(project, packTo(project));
  for (const name of Object.keys(RUNNERS)) {
    symlinkSync(join(here, 'node_modules', name), join(project, 'node_modules', name), 'dir');
  }
  cpSync(join(here, 'programs'), project, { recursive: true });
  await build({
    bundle: true,
    entryPoints: [join(here, 'contract/play.ts')],
    outfile: join(project, 'contract.cjs'),
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  const server = spawn(process.execPath, [join(here, 'server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [place] = await once(createInterface(server.stdout), 'line');
  const close = () => {
    server.stdin.end();
    rmSync(project, { recursive: true, force: true });
  };
  return { project, place, close };
}

/**
 * Plays one program to its end.
 *
 * @param {Stage} stage
 * @param {readonly string[]} command
 * @param {number} patience seconds
 * @returns {Promise<{ ended: string, output: string, results: Map<string, import('./contract/play').Result[]> }>} `results` by the names that the program
 *   has reported them by
 */
export async function run({ project, place }, [executable = '', ...parameters], patience) {
  const folder = mkdtempSync(join(project, 'results-'));
  const words = parameters.map((word) => word.replace('RESULTS', folder));
  const child = spawn(executable, words, {
    cwd: project,
    env: { ...process.env, WSIMD_PLACE: place, WSIMD_RESULTS: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  let isLate = false;
  const killer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, patience * 1000);
  const [code, signal] = await once(child, 'close');
  clearTimeout(killer);
  const results = new Map();
  for (const name of readdirSync(folder)) {
    results.set(name.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, name), 'utf8')));
  }
  return { ended: isLate ? `killed after ${patience} s` : `${signal ?? code}`, output, results };
}
