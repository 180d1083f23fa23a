// Programs that a suite needs: those that are installed, and what is missing unpacked from Debian's packages into a temporary
// directory, where that is possible. Nothing is installed. It knows no suite.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ readonly program: string, readonly debian: string }} Wanted `debian` is the package that has it */
/** @typedef {{ readonly paths: ReadonlyMap<string, string>, readonly environment: NodeJS.ProcessEnv }} Programs */

/**
 * Where the programs are; those that are nowhere are left out.
 *
 * @param {readonly Wanted[]} wanted
 * @param {string} directory a temporary one
 * @returns {Programs}
 */
export function findPrograms(wanted, directory) {
  const root = join(directory, 'debian');
  const missing = wanted.filter(({ program }) => pathOf(program, '/') === undefined);
  if (missing.length > 0) unpack(root, [...new Set(missing.map(({ debian }) => debian))]);
  /** @type {Map<string, string>} */
  const paths = new Map();
  for (const { program } of wanted) {
    const path = pathOf(program, '/') ?? pathOf(program, root);
    if (path !== undefined) paths.set(program, path);
  }
  const libraries = ['lib', 'usr/lib'].flatMap((path) => {
    const parent = join(root, path);
    return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
  });
  return { paths, environment: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
}

/** @param {string} program @param {string} root @returns {string | undefined} */
function pathOf(program, root) {
  const folders = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin'];
  return folders.map((folder) => join(root, folder, program)).find((path) => existsSync(path));
}

/**
 * Fetches these packages and what they need that is not here, and unpacks them; nothing where there is no apt-get.
 *
 * @param {string} root @param {readonly string[]} packages
 */
function unpack(root, packages) {
  const cache = join(root, 'packages');
  mkdirSync(join(cache, 'partial'), { recursive: true });
  const common = ['-qq', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${cache}`];
  if (process.getuid?.() === 0) spawnSync('apt-get', ['update', '-qq']);
  for (const name of packages) {
    spawnSync('apt-get', [...common, '--download-only', '-y', '--no-install-recommends', 'install', name]);
  }
  for (const file of readdirSync(cache).filter((name) => name.endsWith('.deb'))) {
    spawnSync('dpkg-deb', ['-x', join(cache, file), root]);
  }
}
