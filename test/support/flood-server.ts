// Servers whose answer to a handshake has no end, in a thread of their own: what they cost the client shows in its event loop
// and its memory alone. The path of the request says which flood it gets.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

const SOURCE = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const every = (socket, milliseconds, write) => {
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : write()), milliseconds);
};
const pump = (socket, chunk) => {
  const more = () => {
    while (!socket.destroyed) if (!socket.write(chunk)) return void socket.once('drain', more);
  };
  more();
};
const REFUSAL = 'HTTP/1.1 500 x\\r\\nContent-Type: text/plain\\r\\n';
const FLOODS = {
  'bare interim': (socket) => pump(socket, 'HTTP/1.1 103 Early\\r\\n\\r\\n'.repeat(2000)),
  'full interim': (socket) => pump(socket, ('HTTP/1.1 103 Early\\r\\nLink: <' + 'a'.repeat(500) + '>\\r\\n\\r\\n').repeat(100)),
  'interim head': (socket) => { socket.write('HTTP/1.1 103 Early\\r\\n'); pump(socket, ('X-A: ' + 'y'.repeat(80) + '\\r\\n').repeat(500)); },
  'slow interim': (socket) => every(socket, 2, () => socket.write('HTTP/1.1 102 Wait\\r\\n\\r\\n')),
  'headers': (socket) => { socket.write('HTTP/1.1 101 S\\r\\n'); pump(socket, ('X-A: ' + 'y'.repeat(80) + '\\r\\n').repeat(500)); },
  'slow head': (socket) => { let at = 0; const head = 'HTTP/1.1 101 S\\r\\nX: '.padEnd(9000, 'x'); every(socket, 20, () => socket.write(head[at++])); },
  'body': (socket) => { socket.write(REFUSAL + '\\r\\n'); pump(socket, 'b'.repeat(65536)); },
  'chunks': (socket) => { socket.write(REFUSAL + 'Transfer-Encoding: chunked\\r\\n\\r\\n'); pump(socket, '1\\r\\nb\\r\\n'.repeat(10000)); },
  'slow body': (socket) => { socket.write(REFUSAL + 'Content-Length: 1000000\\r\\n\\r\\n'); every(socket, 20, () => socket.write('z')); },
};
const server = createServer((socket) => {
  socket.on('error', () => {});
  let head = '';
  const read = (chunk) => {
    head += chunk.toString('latin1');
    if (!head.includes('\\r\\n\\r\\n')) return;
    socket.off('data', read);
    socket.resume();
    const name = decodeURIComponent(/^GET \\/(\\S*)/.exec(head)[1]);
    if (name.startsWith('to/')) socket.end('HTTP/1.1 302 Found\\r\\nLocation: /' + encodeURIComponent(name.slice(3)) + '\\r\\n\\r\\n');
    else FLOODS[name](socket);
  };
  socket.on('data', read);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Where it listens; gone after the test. */
export async function floodServer(): Promise<string> {
  const worker = new Worker(SOURCE, { eval: true });
  onTestFinished(() => void worker.terminate());
  const [port] = await once(worker, 'message');
  return `ws://127.0.0.1:${port}`;
}

/** The longest time in which no timer of 10 ms came, in milliseconds; asked behind the flood. */
export function standstill(): () => number {
  let last = performance.now();
  let longest = 0;
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 10);
  onTestFinished(() => clearInterval(timer));
  return () => {
    tick();
    return longest;
  };
}
