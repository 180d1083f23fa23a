// A client that is not JavaScript: it is compiled here, once, when its compiler and its library are found. This file owns how,
// and where the program is kept; it must not know which clients there are, nor rows or measurements.

import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Compiled
 * @property {string} name of the program
 * @property {string} library as sentences call it
 * @property {[string, ...string[]]} sources in clients/: the one that is compiled, and those that it includes
 * @property {string[]} compilers the first that is there is taken
 * @property {string[]} asksVersion arguments with which a compiler says that it is there
 * @property {string} noCompiler a sentence
 * @property {(compiler: string) => boolean} hasLibrary
 * @property {string} noLibrary a sentence
 * @property {(source: string, program: string) => string[]} compile the compiler's arguments
 * @property {Record<string, string>} [environment] of the compiler
 */

/** @typedef {{ path: string, version: string } | { why: string }} Program `why`: a sentence */

const BUILD = here('../../build/');

/**
 * @param {Compiled} compiled
 * @returns {Program}
 */
export function programOf(compiled) {
  const path = `${BUILD}${compiled.name}`;
  const why = isUpToDate(path, compiled) ? undefined : build(path, compiled);
  if (why !== undefined) return { why };
  // The program says what it was built from: the library and the compiler may be others by now.
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 ? { path, version: stdout.trim() } : { why: `${path} does not run.` };
}

/**
 * @param {string} path
 * @param {Compiled} compiled
 */
function isUpToDate(path, { sources }) {
  const built = changedAt(path);
  return sources.every((source) => changedAt(sourcePath(source)) < built);
}

/**
 * @param {string} path
 * @param {Compiled} compiled
 * @returns {string | undefined} undefined: it is there
 */
function build(path, compiled) {
  const { library, sources, compilers, asksVersion, noCompiler, hasLibrary, noLibrary, compile, environment } =
    compiled;
  const compiler = compilers.find((name) => spawnSync(name, asksVersion).status === 0);
  if (compiler === undefined) return noCompiler;
  if (!hasLibrary(compiler)) return noLibrary;

  console.error(`compiling the client of ${library} with ${compiler}, once …`);
  mkdirSync(BUILD, { recursive: true });
  // Under a name of its own until it is whole: who interrupts this finds no half program next time.
  const unfinished = `${path}-${process.pid}`;
  const { status, stderr } = spawnSync(compiler, compile(sourcePath(sources[0]), unfinished), {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) return `its client does not compile with this ${library}: ${firstErrorOf(stderr)}`;
  renameSync(unfinished, path);
  return undefined;
}

/** @param {string} output of a compiler */
function firstErrorOf(output) {
  return /^.*error.*$/m.exec(output)?.[0] ?? output;
}

/**
 * @param {string} path
 * @returns {number} 0: there is no such file
 */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {string} file in clients/ */
function sourcePath(file) {
  return here(`../clients/${file}`);
}

/** @param {string} file relative to this directory */
function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
