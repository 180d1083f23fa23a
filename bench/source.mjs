// The process at the other end of the wire: a raw TCP server that upgrades by hand and then serves the row the URL names.
// It owns the listening socket, the upgrade and its own end; what follows the upgrade is exchange.mjs. No WebSocket library
// may come near it: what it sends is prepared in advance, so that it is not what a row measures.
//
// It prints one line, { port }, and ends when its standard input does, that is, no later than the process that started it.

import { createHash } from 'node:crypto';
import { createServer, Socket } from 'node:net';
import { Exchange } from './exchange.mjs';
import { payloadBytes } from './payloads.mjs';
import { rowByName } from './rows.mjs';
import { prepareBlock, serverCloseFrame } from './server-frames.mjs';

// RFC 6455, section 1.3.
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const POLICY_VIOLATION = 1008;

/** Reading 512 MiB costs three times as much CPU through 64 KiB buffers of Node's own as through one of this size. */
const READ_BUFFER_BYTES = 512 * 1024;

process.stdin.resume().on('end', () => process.exit());

const server = createServer({ pauseOnConnect: true }, serve);
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(JSON.stringify({ port }));
});

/** @param {Socket} accepted */
function serve(accepted) {
  let head = '';
  /** @type {Exchange | undefined} */
  let exchange;
  let refused = false;

  const socket = readIntoOneBuffer(accepted, (chunk, size) => {
    if (refused) return;
    try {
      if (exchange !== undefined) {
        exchange.feed(chunk, size);
        return;
      }
      // The client sends nothing behind its request before it has seen the answer, so no frame can be cut off here.
      head += Buffer.from(chunk.buffer, chunk.byteOffset, size).toString('latin1');
      if (head.endsWith('\r\n\r\n')) exchange = upgrade(head, socket);
    } catch (error) {
      refused = true;
      console.error(error);
      socket.end(serverCloseFrame(POLICY_VIOLATION, `the source refuses: ${/** @type {Error} */ (error).message}`));
    }
  });
  socket.setNoDelay(true);
  // A client that is killed ends in a reset: of interest only to whoever reads why a row failed.
  socket.on('error', (error) => console.error(error.message));
}

/**
 * @param {string} head
 * @param {Socket} socket
 */
function upgrade(head, socket) {
  const path = /^GET \/(\S*) HTTP\/1\.1\r\n/.exec(head)?.[1];
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
  if (path === undefined || key === undefined) throw new Error(`not an upgrade request: ${JSON.stringify(head)}`);
  const row = rowByName(path);
  const payloads = payloadBytes(row);
  const block = prepareBlock(row, payloads);
  const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return new Exchange(row, payloads, block, socket);
}

/**
 * Node offers `onread` to sockets that dial but not to those that were accepted. The handle of an accepted socket (an
 * undocumented property, hence the `any`) is therefore moved to a socket made with the option.
 * @param {Socket} accepted
 * @param {(chunk: Uint8Array, size: number) => void} onRead
 */
function readIntoOneBuffer(accepted, onRead) {
  const { _handle: handle } = /** @type {any} */ (accepted);
  /** @type {any} */ (accepted)._handle = null;
  const options = /** @type {import('node:net').SocketConstructorOpts} */ ({
    handle,
    onread: {
      buffer: new Uint8Array(READ_BUFFER_BYTES),
      callback: (size, chunk) => {
        onRead(chunk, size);
        return true;
      },
    },
  });
  const socket = new Socket(options);
  socket.resume();
  return socket;
}
