// The floor under the rows with a connection: what the bytes alone cost on this runtime, without a WebSocket. A reader
// sees by it how far from the limit each row is. In and out, its lines are those of client.mjs.
//
//   floor.mjs LIBRARY URL    LIBRARY only for complaints
//
// In it: the system calls, Node's `onread` into one buffer of half a MiB, TLS where the row has it; on the way out,
// batches as large as those of traffic.mjs, and one copy of each message, for masking cannot be cheaper than that; in echoes one
// write for each answer, or for those that came in one read. Not in it: looking at what arrives, or handing it over; what
// masking, the keys and UTF-8 cost beyond the copy. See floor-traffic.mjs.

import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import process from 'node:process';
import { connect as connectTls } from 'node:tls';
import { rowByName } from '../../rows.mjs';
import { closeFrame, floorTraffic } from './floor-traffic.mjs';
import { servePhases } from './phases.mjs';

/** The floor in the table of peers is that of this size: see README. */
const READ_BUFFER_BYTES = 512 * 1024;

const [library, url] = process.argv.slice(2);
if (library === undefined || url === undefined) throw new Error('usage: floor.mjs LIBRARY URL');
const { protocol, hostname, port, pathname } = new URL(url);
const row = rowByName(pathname.slice(1));
let head = '';
let isOpen = false;
let isClosing = false;

/** @type {import('node:net').TcpNetConnectOpts} */
const options = {
  host: hostname,
  port: Number(port),
  onread: {
    buffer: new Uint8Array(READ_BUFFER_BYTES),
    callback: (size, chunk) => {
      onRead(chunk, size);
      return true;
    },
  },
};
const socket = protocol === 'wss:' ? connectTls(options) : connectTcp(options);
socket.setNoDelay(true);
socket.on('error', (error) => fail(error.message));
socket.on('end', () => (isClosing ? process.exit() : fail('the source closed the connection in mid-row')));
const traffic = floorTraffic(row, socket);

// RFC 6455, section 4.1; what is answered is not checked, the source is known.
socket.write(
  `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
);

/**
 * @param {Uint8Array} chunk
 * @param {number} size
 */
function onRead(chunk, size) {
  if (isOpen) {
    if (!isClosing) attempt(() => traffic.onRead(chunk, size));
    return;
  }
  head += Buffer.from(chunk.buffer, chunk.byteOffset, size).toString('latin1');
  // The source sends nothing behind its answer before it was told to.
  if (!head.endsWith('\r\n\r\n')) return;
  if (!head.startsWith('HTTP/1.1 101 ')) fail(head);
  isOpen = true;
  servePhases(row, (messages, verify) => traffic.runPhase(messages, verify)).then(close, (error) =>
    fail(String(error)),
  );
}

function close() {
  isClosing = true;
  socket.write(closeFrame());
}

/** @param {() => void} step */
function attempt(step) {
  try {
    step();
  } catch (error) {
    fail(String(error));
  }
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${row.name}: ${complaint}`);
  process.exit(1);
}
