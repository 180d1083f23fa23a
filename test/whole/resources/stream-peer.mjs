// A server of WebSocket on node:net that costs little, in a process of its own: it counts what comes, or sends one long message, as
// the path of the request says. Its first line is the port. It pings now and then, reads or writes slowly for a while, and says at
// the end what it has seen: bytes of data, fragments, pongs.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const MiB = 1024 * 1024;
const PAYLOAD = Buffer.alloc(MiB, 'The quick brown fox jumps over the lazy dog. ');
const FRAGMENT = MiB;
/** So often a ping is sent, in bytes of data. */
const PING_EVERY = 64 * MiB;
/** What is read at the pace of this, in milliseconds for each piece, and how much of it. */
const SLOW_PIECES = 40;
const SLOW_TIME = 5;

const server = createServer(async (socket) => {
  socket.on('error', () => {});
  socket.setNoDelay(true);
  const [request] = await once(socket, 'data');
  const text = String(request);
  const [, path, size] = /^GET \/(\w+)\/(\d+) /.exec(text) ?? [];
  const key = /^sec-websocket-key: (.*)\r$/im.exec(text)?.[1];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  if (path === 'count') count(socket, Infinity, Number(size));
  else if (path === 'cut') count(socket, Number(size), Infinity);
  else await send(socket, Number(size), path === 'sendcut');
});

/**
 * Reads a message, and answers its end with what was seen, as a text. From `slowAt` on a part of it is read slowly.
 * @param {import('node:net').Socket} socket
 * @param {number} cutAt resets the connection behind so many bytes
 * @param {number} slowAt
 */
function count(socket, cutAt, slowAt) {
  const seen = watch(socket, (isEnd) => {
    if (!isEnd) return;
    const report = Buffer.from(JSON.stringify(seen));
    socket.write(Buffer.concat([Buffer.of(0x81, report.length), report]));
  });
  let pinged = 0;
  let slow = SLOW_PIECES;
  socket.on('data', () => {
    if (seen.bytes >= cutAt) socket.resetAndDestroy();
    if (seen.bytes - pinged >= PING_EVERY) {
      pinged = seen.bytes;
      socket.write(Buffer.of(0x89, 1, 0x70));
    }
    if (seen.bytes >= slowAt && slow > 0) {
      slow -= 1;
      socket.pause();
      setTimeout(SLOW_TIME).then(() => socket.resume());
    }
  });
}

/**
 * Sends one message of so many bytes in fragments, with pings in between, half of one frame and half of many.
 * @param {import('node:net').Socket} socket
 * @param {number} size
 * @param {boolean} isCut
 */
async function send(socket, size, isCut) {
  const seen = watch(socket, () => {});
  const half = size / 2;
  socket.write(header(0x02, half));
  for (let sent = 0; sent < half; sent += MiB) await write(socket, PAYLOAD);
  for (let sent = half; sent < size; sent += FRAGMENT) {
    if ((sent - half) % PING_EVERY === 0) socket.write(Buffer.of(0x89, 1, 0x70));
    socket.write(header(sent + FRAGMENT < size ? 0 : 0x80, FRAGMENT));
    await write(socket, PAYLOAD);
    if (isCut && sent > half + half / 2) {
      socket.resetAndDestroy();
      return;
    }
  }
  while (seen.pongs < Math.ceil(half / PING_EVERY)) await once(socket, 'data');
  const report = Buffer.from(JSON.stringify(seen));
  socket.write(Buffer.concat([Buffer.of(0x81, report.length), report]));
}

/**
 * @param {import('node:net').Socket} socket
 * @param {Buffer} bytes
 */
function write(socket, bytes) {
  if (socket.write(bytes) || socket.destroyed) return undefined;
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go);
      resolve(undefined);
    };
    socket.on('drain', go).on('close', go);
  });
}

/**
 * @param {number} first
 * @param {number} length
 */
function header(first, length) {
  const bytes = Buffer.of(first, 127, 0, 0, 0, 0, 0, 0, 0, 0);
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/**
 * Takes the frames of a client apart: a header is at most 14 bytes, payload is only counted.
 * @param {import('node:net').Socket} socket
 * @param {(isEnd: boolean) => void} onFrame
 */
function watch(socket, onFrame) {
  const seen = { bytes: 0, fragments: 0, pongs: 0 };
  /** @type {Buffer} */
  let kept = Buffer.alloc(0);
  let missing = 0;
  let first = 0;
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    let bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    kept = Buffer.alloc(0);
    for (;;) {
      const part = Math.min(missing, bytes.length);
      missing -= part;
      bytes = bytes.subarray(part);
      if ((first & 8) === 0) seen.bytes += part;
      if (missing > 0 || bytes.length < 2) break;
      const size = bytes.readUInt8(1) & 0x7f;
      const extended = size === 126 ? 2 : size === 127 ? 8 : 0;
      if (bytes.length < 6 + extended) break;
      first = bytes.readUInt8(0);
      missing = extended === 0 ? size : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      bytes = bytes.subarray(6 + extended);
      if ((first & 0x0f) === 0x0a) seen.pongs += 1;
      if ((first & 8) === 0) {
        seen.fragments += 1;
        onFrame(first >= 0x80 && missing === 0);
      }
    }
    kept = bytes;
  });
  return seen;
}

server.listen(0, '127.0.0.1', () => console.log(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
