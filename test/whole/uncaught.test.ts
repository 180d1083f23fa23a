// What a program without a listener for 'error' shows when it ends: lines that a person can read, and few of them.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const MOST_BYTES = 2 * 1024;
const LONGEST_LINE = 200;

it.each([
  ['require', 'commonjs', "const WebSocket = require('wsimd');"],
  ['import', 'module', "import WebSocket from 'wsimd';"],
])('an uncaught error of the drop-in, by %s, is shown in less than 2 KB', (_, type, loading) => {
  const program = `${loading} new WebSocket('ws://127.0.0.1:1/');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Error: connect ECONNREFUSED 127.0.0.1:1');
  expect(stderr).toContain("Emitted 'error' event on WebSocket instance at:");
  expect(Buffer.byteLength(stderr.replaceAll(root, '/'))).toBeLessThan(MOST_BYTES);
  expect(Math.max(...stderr.split('\n').map((line) => line.length)) - root.length).toBeLessThan(LONGEST_LINE);
});
