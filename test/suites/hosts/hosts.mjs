// The hosts: what each is called, and the command that plays the contract in it.

import { spawnSync } from 'node:child_process';
import { findNode, ownRuntime } from '../../../bench/runner/runtimes.mjs';
import jest from './programs/jest-projects.cjs';
import vitest from './programs/vitest-projects.cjs';

/**
 * @typedef {object} Program
 * @property {readonly string[]} command
 * @property {readonly string[]} rows of the table; a program that plays several hosts reports by their names
 * @property {string} [title] which of the programs of its row it is
 * @property {string} [impossible] why it cannot be played here
 */

const { execPath } = process;

const GLOBALS = [
  ...['crypto', 'queueMicrotask', 'setImmediate', 'TextEncoder', 'performance'],
  ...['Blob', 'URL', 'Event', 'AbortSignal'],
];

/** Instructions that the engine needs for SIMD, on the machines that have this flag. */
const WITHOUT_SIMD = '--no-enable-ssse3';

/** The smallest module with a vector in it. */
const VECTOR =
  'WebAssembly.validate(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,123,3,2,1,0,10,10,1,8,0,65,0,253,15,253,98,11]))';

/** @returns {Program[]} */
export function programs() {
  const [middle, later] = ['22', '26'].map((major) => findNode(major));
  if (middle === undefined || later === undefined) throw new Error('A Node.js is missing: npm run runtimes');
  const nodes = [ownRuntime, later];
  return [
    {
      command: [execPath, 'node_modules/jest/bin/jest.js', '--config', 'jest.config.cjs', '--maxWorkers', '2'],
      rows: jest.PROJECTS.map(({ name }) => name),
    },
    {
      command: [
        execPath,
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        '--config',
        'jest-esm.config.cjs',
      ],
      rows: ['Jest: node, as ESM'],
    },
    {
      command: [execPath, 'node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.mjs'],
      rows: vitest.PROJECTS.map(({ name }) => name),
    },
    ...['before', 'behind'].map((moment) => ({
      command: [execPath, 'node-test.mjs', moment],
      rows: [`node:test: mock timers from ${moment} the import`],
    })),
    { command: [execPath, 'context.cjs'], rows: ['a vm context'] },
    { command: [execPath, 'worker.cjs'], rows: ['a worker thread'] },
    { command: [execPath, '--expose-gc', 'workers.cjs'], rows: ['24 worker threads, ended in traffic'] },
    ...nodes.flatMap(flagged),
    // Its own WebSocket is loaded by a look at a global.
    ...withoutWebAssembly(middle),
    ...GLOBALS.flatMap((name) =>
      ['missing', 'stubbed'].flatMap((kind) =>
        ['before', 'behind'].map((moment) => ({
          command: [execPath, 'stub.cjs', name, kind, moment],
          rows: [`${name} missing or stubbed`],
          title: `${kind} from ${moment} the import`,
        })),
      ),
    ),
  ];
}

/**
 * A Node.js with the flags that take something away.
 *
 * @param {import('../../../bench/runner/runtimes.mjs').Runtime} runtime
 * @returns {Program[]}
 */
function flagged({ name, command: [node = ''] }) {
  const major = Number(/\d+/.exec(name)?.[0]);
  const permission = [
    major < 24 ? '--experimental-permission' : '--permission',
    '--allow-fs-read=*',
    '--allow-fs-write=RESULTS/*',
    ...(major < 25 ? [] : ['--allow-net']),
  ];
  return [
    { command: [node, 'plain.cjs'], rows: [`${name}, required`] },
    { command: [node, 'plain.mjs'], rows: [`${name}, imported`] },
    { command: [node, '--frozen-intrinsics', 'plain.cjs'], rows: [`${name} --frozen-intrinsics`] },
    { command: [node, ...permission, 'plain.cjs'], rows: [`${name} ${permission[0]}`] },
    {
      command: [node, '--disallow-code-generation-from-strings', 'plain.cjs'],
      rows: [`${name} --disallow-code-generation-from-strings`],
    },
    ...withoutWebAssembly({ name, command: [node] }),
  ];
}

/**
 * A Node.js that can have no WebAssembly, no room for its memory, or no SIMD.
 *
 * @param {import('../../../bench/runner/runtimes.mjs').Runtime} runtime
 * @returns {Program[]}
 */
function withoutWebAssembly({ name, command: [node = ''] }) {
  const hasVectors = (/** @type {string[]} */ flags) => {
    const { status, stdout } = spawnSync(node, [...flags, '-p', VECTOR], { encoding: 'utf8' });
    return status !== 0 || stdout.trim() === 'true';
  };
  if (!hasVectors([])) throw new Error('The probe for SIMD is wrong');
  const shell = '/bin/sh';
  const limited = spawnSync(shell, ['-c', 'ulimit -v 4194304 && "$0" -p 1', node]).status === 0;
  return [
    { command: [node, '--jitless', 'plain.cjs', 'no-fetch'], rows: [`${name} --jitless`] },
    {
      command: [shell, '-c', 'ulimit -v 4194304 && exec "$0" plain.cjs no-fetch', node],
      rows: [`${name}, ulimit -v 4194304`],
      ...(limited ? {} : { impossible: 'this system has no limit of address space that a Node.js could start in' }),
    },
    {
      command: [node, WITHOUT_SIMD, 'plain.cjs'],
      rows: [`${name} ${WITHOUT_SIMD}`],
      ...(hasVectors([WITHOUT_SIMD]) ? { impossible: 'no flag takes the vectors of this processor away' } : {}),
    },
  ];
}
