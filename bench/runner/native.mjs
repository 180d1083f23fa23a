// The clients in other languages, as data for compiled.mjs: which compiler each takes, how it finds its library, and what
// Debian calls the two. This file must not know rows or measurements.

/** @import { Compiled } from './compiled.mjs' */

import { spawnSync } from 'node:child_process';

const CPLUSPLUS_COMPILERS = ['c++', 'g++', 'clang++'];
const C_COMPILERS = ['cc', 'gcc', 'clang'];

/** @type {Compiled} */
export const beast = {
  name: 'beast',
  library: 'Boost.Beast',
  sources: ['beast.cpp', 'read_ahead.hpp'],
  compilers: CPLUSPLUS_COMPILERS,
  asksVersion: ['--version'],
  noCompiler: `no C++ compiler is there, neither ${CPLUSPLUS_COMPILERS.join(' nor ')} (Debian has one in g++).`,
  hasLibrary: (compiler) => preprocesses(compiler, 'c++', '#include <boost/beast/version.hpp>\n'),
  noLibrary: 'the headers of Boost are not there (Debian has them in libboost-dev).',
  compile: (source, program) => ['-std=c++17', '-O3', '-DNDEBUG', '-pthread', source, '-o', program],
};

/** Where Debian keeps libraries for Go; a client that was a module would have to fetch its own. */
const GO_ENVIRONMENT = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
const GORILLA = 'github.com/gorilla/websocket';
const GORILLA_PACKAGE = 'golang-github-gorilla-websocket-dev';

/** @type {Compiled} */
export const gorilla = {
  name: 'gorilla',
  library: 'gorilla/websocket',
  sources: ['gorilla.go'],
  compilers: ['go'],
  asksVersion: ['version'],
  noCompiler: 'Go is not there (Debian has it in golang-go).',
  hasLibrary: (compiler) =>
    spawnSync(compiler, ['list', GORILLA], { env: { ...process.env, ...GO_ENVIRONMENT } }).status === 0,
  noLibrary: `gorilla/websocket is not there (Debian has it in ${GORILLA_PACKAGE}).`,
  compile: (source, program) => [
    'build',
    `-ldflags=-X "main.packageVersion=${debianVersionOf(GORILLA_PACKAGE)}"`,
    '-o',
    program,
    source,
  ],
  environment: GO_ENVIRONMENT,
};

/** @type {Compiled} */
export const libwebsockets = {
  name: 'libwebsockets',
  library: 'libwebsockets',
  sources: ['libwebsockets.c'],
  compilers: C_COMPILERS,
  asksVersion: ['--version'],
  noCompiler: `no C compiler is there, neither ${C_COMPILERS.join(' nor ')} (Debian has one in gcc).`,
  // Where it was built without extensions it has no permessage-deflate.
  hasLibrary: (compiler) =>
    preprocesses(compiler, 'c', '#include <libwebsockets.h>\n#ifdef LWS_WITHOUT_EXTENSIONS\n#error\n#endif\n'),
  noLibrary: 'the headers of libwebsockets, with extensions, are not there (Debian has them in libwebsockets-dev).',
  compile: (source, program) => [
    ...['-std=gnu11', '-O3', '-DNDEBUG', source, '-o', program],
    // Behind the source: what it calls is looked for in what follows it.
    ...['-lwebsockets', '-lm'],
  ],
};

/**
 * @param {string} compiler
 * @param {string} language as its option `-x` calls it
 * @param {string} source
 */
function preprocesses(compiler, language, source) {
  return spawnSync(compiler, ['-E', '-x', language, '-'], { input: source }).status === 0;
}

/**
 * @param {string} name of a package
 * @returns {string} such as `1.5.0`, without what Debian puts around it
 */
function debianVersionOf(name) {
  const { stdout } = spawnSync('dpkg-query', ['--show', name], { encoding: 'utf8' });
  return /\t(?:\d+:)?(.+?)(?:-[^-]+)?\n/.exec(stdout ?? '')?.[1] ?? 'of unknown version';
}
