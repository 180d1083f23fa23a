// Where the other runtimes are that `npm run runtimes` installs: a copy for the benchmarks and tests, so that versions are
// known and nothing on the machine is looked for. This file must not know what is run on them.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const INSTALLED = new URL('../../test/suites/runtimes/node_modules/', import.meta.url);

/**
 * @typedef {object} Runtime
 * @property {string} name such as `Node 26.10.0`
 * @property {string[]} command that runs a program, completed with the program
 */

/** The one that runs this file. */
export const ownRuntime = { name: `Node ${process.versions.node}`, command: [process.execPath] };

/**
 * @param {string} major such as 26
 * @returns {Runtime | undefined} undefined: not installed
 */
export function findNode(major) {
  return find(`node-${major}`, 'bin/node', 'Node', []);
}

/** @returns {Runtime | undefined} */
export function findBun() {
  return find('bun', 'bin/bun.exe', 'Bun', []);
}

/** @returns {Runtime | undefined} */
export function findDeno() {
  const executable = process.platform === 'win32' ? 'deno.exe' : 'deno';
  // With what npm has installed; else it would install what package.json asks for.
  return find('deno', executable, 'Deno', ['run', '--allow-all', '--quiet', '--node-modules-dir=manual']);
}

/**
 * @param {string} folder
 * @param {string} executable
 * @param {string} title
 * @param {string[]} parameters
 * @returns {Runtime | undefined}
 */
function find(folder, executable, title, parameters) {
  const directory = new URL(`${folder}/`, INSTALLED);
  const path = fileURLToPath(new URL(executable, directory));
  if (!existsSync(path)) return undefined;
  const { version } = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8'));
  return { name: `${title} ${version}`, command: [path, ...parameters] };
}
