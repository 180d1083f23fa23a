// What is built, made anew when something that it is made of has changed since: core.wasm for tests of the sources, the package
// for what uses it as its users do. As a program: `node test/support/fresh.mjs core|package`.
//
// npm runs it, too: `prepack` before it packs, and `prepublish`, for whoever depends on the repository itself, in the clone that it
// makes then. It does not run prepack there, and of `prepare`, which it would run, it warns in every project that installs us.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** By name: what it is made of, what is there then, and the script that makes it. */
const PARTS = {
  core: { inputs: ['assembly', 'asconfig.json'], output: 'build/core.wasm', script: 'build:wasm' },
  package: {
    inputs: ['assembly', 'asconfig.json', 'src', 'package.json', 'tsconfig.json'],
    output: 'dist/core.wasm',
    script: 'build',
  },
};

/** @param {keyof typeof PARTS} part */
export function makeFresh(part) {
  const { inputs, output, script } = PARTS[part];
  const stamp = join(root, `build/${part}.sha256`);
  const hash = createHash('sha256');
  for (const input of inputs)
    for (const file of filesOf(join(root, input))) hash.update(readFileSync(file)).update(file);
  const digest = hash.digest('hex');
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', script], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run ${script} failed:\n${stdout}${stderr}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
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
