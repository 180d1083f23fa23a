// A client that sends one message of many GiB, and receives one, in pieces, and says what that cost: memory above the start, time,
// what both ends have counted. A part of it is given and taken slowly, and connections are cut in the midst of a message.

import { setTimeout } from 'node:timers/promises';
import { AsyncTcpConnection } from 'wsimd';
import { Meter, report } from './meter.mjs';

const MiB = 1024 * 1024;
const WARM = 16 * MiB;
const CHUNK = Buffer.alloc(MiB, 'The quick brown fox jumps over the lazy dog. ');
/** Pieces that are given or taken slowly, in milliseconds each. */
const SLOW_PIECES = 40;
const SLOW_TIME = 5;

/**
 * @param {string} port
 * @param {string} path
 * @param {(connection: AsyncTcpConnection) => void} [configure]
 * @returns {Promise<AsyncTcpConnection>}
 */
function open(port, path, configure = () => {}) {
  return new Promise((resolve) => {
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${port}/${path}`);
    connection.onWebSocketConnect = () => resolve(connection);
    configure(connection);
    connection.connect();
  });
}

/**
 * @param {number} size
 * @param {{ returned: boolean }} source
 */
async function* chunks(size, source) {
  try {
    for (let sent = 0; sent < size; sent += CHUNK.length) {
      if (sent >= size / 2 && sent < size / 2 + SLOW_PIECES * CHUNK.length) await setTimeout(SLOW_TIME);
      yield CHUNK;
    }
  } finally {
    source.returned = true;
  }
}

/**
 * @param {string} port
 * @param {number} size
 */
async function sendTo(port, size) {
  const connection = await open(port, `count/${size / 4}`);
  const answer = new Promise((resolve) => {
    connection.onMessage = (_, data) => resolve(JSON.parse(String(data)));
  });
  await connection.sendStream(chunks(size, { returned: false }));
  const seen = await answer;
  connection.destroy();
  return seen;
}

/**
 * @param {string} port
 * @param {number} size
 */
async function cutTo(port, size) {
  const connection = await open(port, `cut/${size / 2}`);
  const source = { returned: false };
  const outcome = await connection.sendStream(chunks(size, source)).then(
    () => 'sent',
    ({ code }) => code,
  );
  // It is in the midst of giving a chunk, perhaps.
  for (let looks = 0; looks < 1_000 && !source.returned; looks += 1) await setTimeout(SLOW_TIME);
  return { outcome, returned: source.returned, waiting: connection.getSendBufferQueueSize() };
}

/** @param {string} port @param {number} size @param {string} path */
async function receiveFrom(port, size, path = 'send') {
  let bytes = 0;
  let slow = 0;
  let largest = 0;
  let outcome = '';
  /** @type {unknown} */
  let seen;
  /** @type {(value?: unknown) => void} */
  let done = () => {};
  const ended = new Promise((resolve) => {
    done = resolve;
  });
  const connection = await open(port, `${path}/${size}`, (connection) => {
    connection.maxPackageSize = 1_000;
    connection.onMessageStart = (_, { isBinary }) =>
      isBinary
        ? {
            write(piece) {
              bytes += piece.length;
              largest = Math.max(largest, piece.length);
              if (bytes < size / 4 || slow === SLOW_PIECES) return undefined;
              slow += 1;
              return setTimeout(SLOW_TIME);
            },
            end() {
              outcome = 'end';
            },
            abort(error) {
              outcome = error.code;
            },
          }
        : undefined;
    connection.onMessage = (_, data) => {
      seen = JSON.parse(String(data));
      done();
    };
    connection.onClose = done;
  });
  await ended;
  connection.destroy();
  return { bytes, largest, outcome, seen };
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
async function measured(work) {
  const began = performance.now();
  const result = await work();
  return { ...result, seconds: (performance.now() - began) / 1000 };
}

/**
 * @param {string} port
 * @param {number} size
 */
export async function streams(port, size) {
  await sendTo(port, WARM);
  await receiveFrom(port, WARM);
  const meter = new Meter();
  const sent = await measured(() => sendTo(port, size));
  const afterSent = meter.read();
  const received = await measured(() => receiveFrom(port, size));
  const cutSent = await cutTo(port, 512 * MiB);
  const cutReceived = await receiveFrom(port, 512 * MiB, 'sendcut');
  report({ ...meter.read(), sentRss: afterSent.peakRss, sentCpu: afterSent.cpu, sent, received, cutSent, cutReceived });
  process.exit(0);
}

const [port, gibibytes] = process.argv.slice(2);
if (port !== undefined) await streams(port, Number(gibibytes) * 1024 * MiB);
