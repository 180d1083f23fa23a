// What a program without a listener for 'error' shows when it ends: lines that a person can read, and few of them.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const MOST_BYTES = 2 * 1024;
const LONGEST_LINE = 200;

/** Of a server that answers a request so, by the key of the request. */
const answering = (answer: string): string => `
  const { createServer } = process.getBuiltinModule('node:net');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const acceptOf = (key) => createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const key = /sec-websocket-key: (.*)\\r\\n/i.exec(head.toString('latin1'))[1];
      socket.write(Buffer.from(${answer}, 'latin1'));
    });
  });
  server.listen(0, '127.0.0.1', () => new WebSocket('ws://127.0.0.1:' + server.address().port));`;

const SWITCHING = `\`HTTP/1.1 101 Switching Protocols\\r
Upgrade: websocket\\r
Connection: Upgrade\\r
Sec-WebSocket-Accept: \${acceptOf(key)}\\r
\\r
\``;

describe.each([
  ['nobody listens', "new WebSocket('ws://127.0.0.1:1/');", 'connect ECONNREFUSED 127.0.0.1:1'],
  ['it is refused', answering("'HTTP/1.1 404 Not Found\\r\\n\\r\\n'"), 'Unexpected server response: 404'],
  ['a frame is wrong', answering(`${SWITCHING} + '\\xff\\x00'`), 'Invalid WebSocket frame: RSV1 must be clear'],
])('an uncaught error of the drop-in, where %s', (_, program, says) => {
  it.each([
    ['require', 'commonjs', "const WebSocket = require('wsimd');"],
    ['import', 'module', "import WebSocket from 'wsimd';"],
  ])('is shown in less than 2 KB, by %s', (_, type, loading) => {
    const words = [`--input-type=${type}`, '--eval', `${loading}\n${program}`];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Error: ${says}`);
    expect(stderr).toContain("Emitted 'error' event on WebSocket instance at:");
    expect(Buffer.byteLength(stderr.replaceAll(root, '/'))).toBeLessThan(MOST_BYTES);
    expect(Math.max(...stderr.split('\n').map((line) => line.length)) - root.length).toBeLessThan(LONGEST_LINE);
  });
});
