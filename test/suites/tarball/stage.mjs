// Where everything happens: the packed package, an empty project that it is installed into, and an echo server. It knows none of
// the checks.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { installIn, makeProject, packTo } from '../../support/npm.mjs';

export const here = fileURLToPath(new URL('.', import.meta.url));
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How long a program may take. */
const PATIENCE = 60_000;

/**
 * @typedef {object} Stage
 * @property {string} folder of this run; it goes with it
 * @property {string} tarball
 * @property {string} project an empty project that has the package, and the programs
 * @property {string} url of an echo server; at /once it closes after the first message
 * @property {() => void} close
 */

/** What the checks are made with, unless it is there already. */
export function installTools() {
  installIn(here, 'the bundlers');
}

/** @returns {Promise<Stage>} */
export async function makeStage() {
  const folder = mkdtempSync(join(tmpdir(), 'wsimd-package-'));
  const project = join(folder, 'project');
  mkdirSync(project);
  const tarball = packTo(folder);
  makeProject(project, tarball, { type: 'module' });
  mkdirSync(join(project, 'node_modules/@types'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'), 'dir');
  cpSync(join(here, 'programs'), project, { recursive: true });

  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: { threshold: 0 } });
  server.on('connection', (socket, { url }) => {
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
      if (url === '/once') socket.close(1000, 'once');
    });
  });
  await once(server, 'listening');
  const close = () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, tarball, project, url: `ws://127.0.0.1:${server.address().port}`, close };
}

/**
 * Runs a program of Node.js to its end.
 *
 * @param {string[]} words the program and what it is told
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ status: number | string, output: string }>} `output` is all that it printed
 */
export async function node(words, options) {
  const child = spawn(process.execPath, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  clearTimeout(killer);
  return { status: signal ?? code, output };
}

/**
 * Runs a program that must end well and print just this.
 *
 * @param {string[]} words
 * @param {string} cwd
 * @param {string} expected
 */
export async function nodePrints(words, cwd, expected) {
  const { status, output } = await node(words, { cwd });
  if (status !== 0 || output !== expected) throw new Error(`exit ${status}: ${output.slice(-3_000)}`);
}

/**
 * @param {string} folder
 * @returns {string[]} every file below it, by its path from there
 */
export function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort();
}
