// npm, for suites that have an install of their own, and for those that want the package as npm installs it. It knows none of them.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What it has printed. Throws what it says if it fails.
 *
 * @param {readonly string[]} words
 * @param {string} cwd
 */
export function npm(words, cwd) {
  // Said aloud: `npm run -s` has set the level for all below it to silent.
  const { status, stdout, stderr } = spawnSync('npm', [...words, '--loglevel=error'], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${words.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * The dependencies of the package.json in a folder, unless they are there already.
 *
 * @param {string} folder
 * @param {string} what they are, for people
 */
export function installIn(folder, what) {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const isThere = (/** @type {[string, unknown]} */ [name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  };
  if (Object.entries(dependencies).every(isThere)) return;
  console.log(`Installing ${what} …`);
  npm(['install', '--no-package-lock', '--no-audit', '--no-fund'], folder);
}

/**
 * Packs what was built, without its scripts: `prepack` would build, and what is tested is what is there.
 *
 * @param {string} folder where the tarball goes
 * @returns its path
 */
export function packTo(folder) {
  const [{ filename }] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root));
  return join(folder, filename);
}

/**
 * Makes an empty project that has the package as npm installs it.
 *
 * @param {string} project a folder
 * @param {string} tarball
 * @param {object} manifest what its package.json says, besides that it is private
 */
export function makeProject(project, tarball, manifest = {}) {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball], project);
}
