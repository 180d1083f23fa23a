// The process at the other end of the wire: a raw TCP server that upgrades by hand and then serves the row the URL names.
// It owns its connections and its own end; what follows the upgrade is exchange.mjs. No WebSocket library may come near it:
// what it sends is prepared in advance, so that it is not what a row measures.
//
// It prints one line (see listening.mjs), and ends when its standard input does, that is, no later than the process that
// started it. Each line that it reads asks what the newest connection does, and is answered with { isPlain, bytesPerMessage } in
// JSON: whether what the client sent last was not compressed, and what came over the wire of each message.

import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { rowByName } from '../rows.mjs';
import { prepareCompressedBlock } from '../wire/compressed-block.mjs';
import { payloadBytes } from '../wire/payloads.mjs';
import { EXTENSION, parametersOf } from '../wire/permessage-deflate.mjs';
import { prepareBlock, serverCloseFrame } from '../wire/server-frames.mjs';
import { Exchange } from './exchange.mjs';
import { listen } from './listening.mjs';
import { readUpgrade } from './upgrade.mjs';

const POLICY_VIOLATION = 1008;

/** Reading 512 MiB costs three times as much CPU through 64 KiB buffers of Node's own as through one of this size. */
const READ_BUFFER_BYTES = 512 * 1024;

/** @typedef {(chunk: Uint8Array, size: number) => void} OnRead */

/** @type {Exchange | undefined} */
let newest;

createInterface({ input: process.stdin })
  .on('line', () => console.log(JSON.stringify(whatIsSent())))
  .on('close', () => process.exit());

await listen(
  { pauseOnConnect: true },
  (accepted) => serve((onRead) => readIntoOneBuffer(accepted, onRead)),
  // Here TLS has its buffers in between, and there is none to choose.
  (socket) => serve((onRead) => socket.on('data', (/** @type {Buffer} */ chunk) => onRead(chunk, chunk.length))),
);

function whatIsSent() {
  // Of a client that only receives there is nothing to say.
  if (newest === undefined || newest.bytesPerMessage === 0) return { isPlain: newest?.isPlain };
  return { isPlain: newest.isPlain, bytesPerMessage: newest.bytesPerMessage };
}

/** @param {(onRead: OnRead) => Socket} startReading */
function serve(startReading) {
  let head = '';
  /** @type {Exchange | undefined} */
  let exchange;
  let refused = false;

  const socket = startReading((chunk, size) => {
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
  const { path, offers, response } = readUpgrade(head);
  const row = rowByName(path);
  const payloads = payloadBytes(row);
  if (!row.perMessageDeflate) {
    socket.write(response());
    newest = new Exchange(row, payloads, prepareBlock(row, payloads), socket);
  } else if (offers(EXTENSION)) {
    socket.write(response(parametersOf(row.perMessageDeflate)));
    newest = new Exchange(row, payloads, prepareCompressedBlock(row, payloads), socket);
  } else {
    // A client hears why by a close frame, for which the connection has to be open.
    socket.write(response());
    throw new Error(`the client does not offer ${EXTENSION}`);
  }
  return newest;
}

/**
 * Node offers `onread` to sockets that dial but not to those that were accepted. The handle of an accepted socket (an
 * undocumented property, hence the `any`) is therefore moved to a socket made with the option.
 * @param {Socket} accepted
 * @param {OnRead} onRead
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
