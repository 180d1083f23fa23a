// What is built, made anew when something that it is made of has changed since: core.wasm for tests of the sources, the package
// for what uses it as its users do. As a program: `node test/support/fresh.mjs core|package`.
//
// npm runs it, too: `prepack` before it packs, and `prepublish`, for whoever depends on the repository itself, in the clone that
// it makes then. It does not run prepack there, and of `prepare`, which it would run, it warns in every project that installs us.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** By name: what it is made of, what that makes, and the script. */
const PARTS = {
  core: {
    inputs: ['assembly', 'asconfig.json'],
    outputs: ['build/core.wasm', 'build/fall-back.js'],
    script: 'build:wasm',
  },
  package: {
    inputs: ['assembly', 'asconfig.json', 'src', 'package.json', 'tsconfig.json'],
    outputs: ['dist'],
    script: 'build',
  },
};

/**
 * The stamp tells both what something was made of and what was made: so it is made anew, too, if another build was there in the
 * meantime, or one that failed half-way.
 *
 * @param {keyof typeof PARTS} part
 */
export function makeFresh(part) {
  const { inputs, outputs, script } = PARTS[part];
  const stamp = join(root, `build/${part}.sha256`);
  const present = () => `${digestOf(inputs)} ${digestOf(outputs)}\n`;
  if (
    outputs.every((output) => existsSync(join(root, output))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === present()
  )
    return;
  rmSync(stamp, { force: true });
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', script], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run ${script} failed:\n${stdout}${stderr}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, present());
}

/** @param {readonly string[]} paths */
function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) for (const file of filesOf(join(root, path))) hash.update(readFileSync(file)).update(file);
  return hash.digest('hex');
}

/**
 * Pages are left out: nothing is made of them.
 *
 * @param {string} path of a file or a folder
 * @returns {string[]}
 */
function filesOf(path) {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.endsWith('.md'))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)]))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeFresh(process.argv[2] === 'core' ? 'core' : 'package');
