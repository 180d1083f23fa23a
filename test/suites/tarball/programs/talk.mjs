// A small conversation with an echo server by what the package has on every runtime: both faces and the codec. It knows nothing
// of what bundled it, nor where it runs.

import { AsyncTcpConnection, Ws } from 'wsimd';
import { Decoder, Encoder } from 'wsimd/framing';
import { WebSocket } from 'wsimd/web';

const TEXT = '안녕하세요, wörld';
const BYTES = Uint8Array.from({ length: 3_000 }, (_, index) => index * 7);

/**
 * @param {string} url of an echo server
 * @throws {Error} that tells what came instead
 */
export async function talk(url) {
  codec();
  await overCallbacks(url);
  await overEvents(url);
}

/**
 * @param {string} way
 * @param {unknown[]} received
 */
export function expectEcho(way, received) {
  const [text, bytes, code] = received;
  const isSame =
    bytes instanceof Uint8Array && bytes.length === BYTES.length && bytes.every((byte, at) => byte === BYTES[at]);
  if (text !== TEXT || !isSame || code !== 1000) throw new Error(`${way}: ${JSON.stringify(received)}`);
}

/** @param {{ send(data: string | Uint8Array): unknown }} socket */
export function say(socket) {
  socket.send(TEXT);
  socket.send(BYTES);
}

function codec() {
  const encoder = new Encoder({ role: 'client' });
  /** @type {unknown[]} */
  const received = [];
  const decoder = new Decoder({
    role: 'server',
    onMessage: (data) => received.push(data),
    onClose: (code) => received.push(code),
  });
  for (const bytes of [encoder.text(TEXT), encoder.binary(BYTES), encoder.close(1000)]) decoder.feed(bytes);
  decoder.close();
  expectEcho('wsimd/framing', received);
}

/** @param {string} url */
async function overCallbacks(url) {
  const connection = new AsyncTcpConnection(url);
  connection.websocketType = Ws.BINARY_TYPE_BLOB;
  /** @type {unknown[]} */
  const received = [];
  await new Promise((resolve, reject) => {
    connection.onWebSocketConnect = say;
    connection.onMessage = (_, data) => {
      if (received.push(data) === 2) connection.close(1000);
    };
    connection.onError = (_, _kind, message) => reject(new Error(message));
    connection.onClose = (_, { code }) => resolve(received.push(code));
    connection.connect();
  });
  expectEcho('AsyncTcpConnection', received);
}

/** @param {string} url */
async function overEvents(url) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  /** @type {unknown[]} */
  const received = [];
  await new Promise((resolve) => {
    socket.onopen = () => say(socket);
    socket.onmessage = ({ data }) => {
      if (received.push(typeof data === 'string' ? data : new Uint8Array(data)) === 2) socket.close(1000);
    };
    socket.onclose = ({ code }) => resolve(received.push(code));
  });
  expectEcho('WebSocket of wsimd/web', received);
}
