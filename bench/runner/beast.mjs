// Boost.Beast as a peer: its client is compiled here, once, when a compiler and Boost's headers are found. This file
// owns how, and where the program is kept; it must not know rows or measurements.

import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const COMPILERS = ['c++', 'g++', 'clang++'];
const OPTIONS = ['-std=c++17', '-O3', '-DNDEBUG', '-pthread'];
const SOURCES = ['../clients/beast.cpp', '../clients/read_ahead.hpp'].map(here);
const BUILD = here('../../build/');
const PROGRAM = here('../../build/beast');

/** @typedef {{ path: string, version: string } | { why: string }} BeastPeer `why`: a sentence */

/** @returns {BeastPeer} */
export function beastPeer() {
  const why = isUpToDate() ? undefined : build();
  if (why !== undefined) return { why };
  // The program says what it was built from: the headers and the compiler may be others by now.
  const { status, stdout } = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' });
  return status === 0 ? { path: PROGRAM, version: stdout.trim() } : { why: `${PROGRAM} does not run.` };
}

function isUpToDate() {
  const built = changedAt(PROGRAM);
  return SOURCES.every((source) => changedAt(source) < built);
}

/** @returns {string | undefined} undefined: it is there */
function build() {
  const compiler = COMPILERS.find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) return `no C++ compiler is there, neither ${COMPILERS.join(' nor ')}.`;
  const headers = spawnSync(compiler, ['-E', '-x', 'c++', '-'], { input: '#include <boost/beast/version.hpp>\n' });
  if (headers.status !== 0) return 'the headers of Boost are not there (Debian has them in libboost-dev).';

  console.error(`compiling the client of Boost.Beast with ${compiler}, once …`);
  mkdirSync(BUILD, { recursive: true });
  // Under a name of its own until it is whole: who interrupts this finds no half program next time.
  const unfinished = `${PROGRAM}-${process.pid}`;
  const [source = ''] = SOURCES;
  const { status, stderr } = spawnSync(compiler, [...OPTIONS, source, '-o', unfinished], { encoding: 'utf8' });
  if (status !== 0) return `its client does not compile with this Boost: ${firstErrorOf(stderr)}`;
  renameSync(unfinished, PROGRAM);
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

/** @param {string} file relative to this directory */
function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
