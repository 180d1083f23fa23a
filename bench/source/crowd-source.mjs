// The other end of the rows with many connections: a raw server that upgrades by hand. It owns the listening sockets, the
// connections and what each group of rows is answered; the pace of the messages is sweeps.mjs. As in source.mjs, no WebSocket
// library may come near it.
//
// The connections of one client process belong together; the query of their URL names it. What a client may send:
//   connections  a number of sweeps, on any of its connections: see sweeps.mjs
//   memory       any text, which is answered with one message
//   opening      nothing
//   start        nothing; it is sent one message as soon as the connection is open
// and in all of them a close frame. It is answered, and then the source closes TCP first, as RFC 6455, section 7.1.1, has it:
// TIME_WAIT then stays on this side, which takes a new connection from the same port nevertheless, and a client that opens
// some thousand connections per second does not run out of ports.
//
// It prints one line (see listening.mjs), and ends when its standard input does.

/** @import { Socket } from 'node:net' */
/** @import { Row } from '../rows.mjs' */

import { rowByName } from '../rows.mjs';
import { payloadBytes } from '../wire/payloads.mjs';
import { firstByteOf, serverCloseFrame, serverFrame } from '../wire/server-frames.mjs';
import { listen } from './listening.mjs';
import { ShortMessages } from './short-messages.mjs';
import { Sweeps } from './sweeps.mjs';
import { readUpgrade } from './upgrade.mjs';

const NORMAL_CLOSURE = 1000;
const POLICY_VIOLATION = 1008;

/** By the file in which the client acknowledges. @type {Map<string, Sweeps>} */
const crowds = new Map();

process.stdin.resume().on('end', () => process.exit());

await listen({}, serve, serve);

/** @param {Socket} socket */
function serve(socket) {
  let head = '';
  /** @type {ShortMessages | undefined} */
  let messages;
  socket.setNoDelay(true);
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    try {
      if (messages !== undefined) {
        messages.feed(chunk);
        return;
      }
      head += chunk.toString('latin1');
      if (head.endsWith('\r\n\r\n')) messages = accept(head, socket);
    } catch (error) {
      console.error(error);
      socket.removeAllListeners('data').resume();
      socket.end(serverCloseFrame(POLICY_VIOLATION, `the source refuses: ${/** @type {Error} */ (error).message}`));
    }
  });
  // A client that is killed ends in resets: of interest only to whoever reads why a row failed.
  socket.on('error', (error) => console.error(error.message));
}

/**
 * @param {string} head
 * @param {Socket} socket
 */
function accept(head, socket) {
  const { path, query, response } = readUpgrade(head);
  const row = rowByName(path);
  const onText = answersTo[row.group]?.(row, decodeURIComponent(query), socket);
  if (onText === undefined) throw new Error(`not a row of this source: ${path}`);
  socket.write(response());
  return new ShortMessages({ onText, onCloseFrame: () => socket.end(serverCloseFrame(NORMAL_CLOSURE, '')) });
}

/** @type {Record<string, (row: Row, crowd: string, socket: Socket) => (text: string) => void>} */
const answersTo = {
  connections(row, name, socket) {
    const crowd = crowds.get(name) ?? new Sweeps(row, name);
    crowds.set(name, crowd);
    crowd.sockets.add(socket);
    socket.on('close', () => crowd.sockets.delete(socket));
    return (text) => crowd.begin(Number(text));
  },

  memory(row, _name, socket) {
    const [payload] = payloadBytes(row);
    const frame = serverFrame(firstByteOf(row), /** @type {Uint8Array} */ (payload));
    return () => socket.write(frame);
  },

  opening: () => refuse,

  start(row, _name, socket) {
    const [payload] = payloadBytes(row);
    // Behind the answer to the upgrade, which has yet to be written.
    setImmediate(() => socket.write(serverFrame(firstByteOf(row), /** @type {Uint8Array} */ (payload))));
    return refuse;
  },
};

/** @param {string} text */
function refuse(text) {
  throw new Error(`nothing is expected in this row, but ${text} came`);
}
