// Thousands of connections on which compression was agreed, ended in every way in the midst of a message, one behind the other on
// some lanes; and what is left of them: sockets, entries in the list of connections, records of the decoder, memory, streams of
// zlib.

import { setImmediate } from 'node:timers/promises';
import { createDeflateRaw } from 'node:zlib';
import { AsyncTcpConnection } from 'wsimd';
import { Decoder } from 'wsimd/framing';
import { kept, lanes } from './lanes.mjs';
import { report, settledBytes, settledRss } from './meter.mjs';
import { zlibHandles } from './zlib-handles.mjs';

/** Streams that are forgotten on purpose. */
const LEAKED = 100;
/** Compressed in turns of the event loop. */
const LONG = Buffer.alloc(150_000, JSON.stringify({ symbol: 'BTCUSDT', price: '30123.45', side: 'buy' }));
const SHORT = 'a message that is compressed';

/** @typedef {(connection: AsyncTcpConnection) => void} Step */

/** What is done to a connection before it is begun. The server does what it is told by texts. @type {Record<string, Step>} */
const WAYS = {
  'destroy() in the midst of a message that comes': (connection) => {
    connection.onWebSocketConnect = () => connection.send('begin');
    // The server pings between its fragments.
    connection.onWebSocketPing = () => connection.destroy();
  },
  'destroy() behind a message that came': (connection) => {
    connection.onWebSocketConnect = () => connection.send(SHORT);
    connection.onMessage = () => connection.destroy();
  },
  'destroy() while a long message is compressed': (connection) => {
    connection.onWebSocketConnect = () => {
      connection.send(LONG);
      void setImmediate()
        .then(setImmediate)
        .then(() => connection.destroy());
    };
  },
  'destroy() before that begins': (connection) => {
    connection.onWebSocketConnect = () => {
      connection.send(LONG);
      connection.destroy();
    };
  },
  'close() behind a message': (connection) => {
    connection.onWebSocketConnect = () => {
      connection.send(SHORT);
      connection.close();
    };
  },
  'close() behind a long message': (connection) => {
    connection.onWebSocketConnect = () => {
      connection.send(LONG);
      connection.close();
    };
  },
  'close() in the midst of a message that comes': (connection) => {
    connection.onWebSocketConnect = () => connection.send('begin');
    connection.onWebSocketPing = () => connection.close();
  },
  'the server closes behind a message': (connection) => {
    connection.onWebSocketConnect = () => connection.send('close');
  },
  'the server cuts in the midst of a message': (connection) => {
    connection.onWebSocketConnect = () => connection.send('cut');
  },
  'the message is too large': (connection) => {
    connection.maxPackageSize = 1_000;
    connection.onWebSocketConnect = () => connection.send('long');
  },
  'the data is corrupt': (connection) => {
    connection.onWebSocketConnect = () => connection.send('corrupt');
  },
};

/**
 * @param {string} url of a server that does what it is told
 * @param {number} count cycles that are measured; a fifth as many go before
 */
export async function cycles(url, count) {
  /** @type {Record<string, number>} */
  const closings = {};

  /** @param {number} number */
  async function cycle(number) {
    const kinds = Object.keys(WAYS);
    const kind = /** @type {string} */ (kinds[number % kinds.length]);
    const isAlone = Math.floor(number / kinds.length) % 2 === 0;
    const connection = new AsyncTcpConnection(url);
    connection.perMessageDeflate = { threshold: 0, serverNoContextTakeover: isAlone, clientNoContextTakeover: isAlone };
    await new Promise((resolve) => {
      connection.onClose = (_, { code }) => {
        const line = `${kind}: ${code}`;
        closings[line] = (closings[line] ?? 0) + 1;
        void setImmediate().then(resolve);
      };
      WAYS[kind]?.(connection);
      connection.connect();
    });
  }

  const runUntil = lanes(cycle);

  /** @param {number} until */
  async function run(until) {
    await runUntil(until);
    return { bytes: await settledBytes(), rss: await settledRss() };
  }

  const before = await run(count / 5);
  for (const line of Object.keys(closings)) delete closings[line];
  const open = zlibHandles.open;
  const { made } = zlibHandles;
  const after = await run(count / 5 + count);
  const streams = { made: zlibHandles.made - made, before: open, after: zlibHandles.open };
  const live = AsyncTcpConnection.connections.size;
  const remaining = kept();
  const records = recordsLeft();
  const leak = await leaked();
  report({
    closings,
    grown: after.bytes - before.bytes,
    grownRss: after.rss - before.rss,
    streams,
    live,
    kept: remaining,
    records,
    leak,
  });
}

/** What these measures show of streams that are forgotten, each of which has compressed something. */
async function leaked() {
  const before = { rss: await settledRss(), streams: zlibHandles.open };
  const streams = Array.from({ length: LEAKED }, () => createDeflateRaw());
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.resume().write(LONG, resolve))));
  const leak = { rss: (await settledRss()) - before.rss, streams: zlibHandles.open - before.streams };
  for (const stream of streams) stream.close();
  return leak;
}

function recordsLeft() {
  const decoders = [];
  try {
    for (;;) decoders.push(new Decoder({ role: 'client' }));
  } catch {
    // That is how many there are.
  }
  for (const decoder of decoders) decoder.close();
  return decoders.length;
}
