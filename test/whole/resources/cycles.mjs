// Thousands of connections made and ended in every way, one behind the other on some lanes, all with a heartbeat and a policy;
// and what is left of them: timers, sockets, entries in the list of connections, records of the decoder, memory.

import { setImmediate } from 'node:timers/promises';
import { AsyncTcpConnection } from 'wsimd';
import { Decoder } from 'wsimd/framing';
import { kept, lanes } from './lanes.mjs';
import { report, settledBytes } from './meter.mjs';

/** @typedef {(connection: AsyncTcpConnection) => void} Step */

/** What is done to a connection before it is begun; `connect()` follows. @type {Record<string, Step>} */
const WAYS = {
  'destroy() at once': (connection) => void queueMicrotask(() => connection.destroy()),
  'destroy() in onConnect': (connection) => {
    connection.onConnect = () => connection.destroy();
  },
  'destroy() when open': (connection) => {
    connection.onWebSocketConnect = () => connection.destroy();
  },
  'destroy() behind a message': (connection) => {
    connection.onWebSocketConnect = () => connection.send('hello');
    connection.onMessage = () => connection.destroy();
  },
  'close() when open': (connection) => {
    connection.onWebSocketConnect = () => connection.close();
  },
  'close(data)': (connection) => {
    connection.onWebSocketConnect = () => connection.close('goodbye');
  },
  'end(data)': (connection) => {
    connection.onWebSocketConnect = () => connection.end('goodbye');
  },
  'the server closes': (connection) => {
    connection.onWebSocketConnect = () => connection.send('close');
    connection.onReconnect = () => connection.cancelReconnect();
  },
  'the server cuts': (connection) => {
    connection.onWebSocketConnect = () => connection.send('cut');
    connection.onReconnect = () => connection.destroy();
  },
  'it comes back once': (connection) => {
    connection.onWebSocketConnect = () => connection.send('cut');
    connection.reconnectPolicy = () => 0;
    connection.onReconnect = () => {
      connection.onWebSocketConnect = () => connection.close();
    };
  },
};

/** The same for connections that go nowhere. @type {Record<string, Step>} */
const WAYS_TO_NOWHERE = {
  refused: (connection) => {
    connection.onReconnect = () => connection.cancelReconnect();
  },
  'refused, and again': (connection) => {
    connection.reconnectPolicy = { minDelay: 0.001, maxRetries: 1 };
  },
};

/**
 * @param {string} url of a server that echoes, and closes or cuts when it is told to
 * @param {string} nowhere where nobody listens
 * @param {number} count cycles that are measured; a fifth as many go before
 */
export async function cycles(url, nowhere, count) {
  const reused = new AsyncTcpConnection(url);
  /** @type {Record<string, number>} */
  const closings = {};
  let isReusedBusy = false;

  /** @param {number} number */
  async function cycle(number) {
    const kinds = [...Object.keys(WAYS), ...Object.keys(WAYS_TO_NOWHERE), 'aborted'];
    const kind = /** @type {string} */ (kinds[number % kinds.length]);
    const controller = new AbortController();
    // Some of them are cycles of the same object.
    const isReused = kind in WAYS && !isReusedBusy;
    if (isReused) isReusedBusy = true;
    const connection = isReused
      ? reused
      : new AsyncTcpConnection(kind in WAYS_TO_NOWHERE ? nowhere : url, { signal: controller.signal });
    for (const name of /** @type {const} */ (['onConnect', 'onWebSocketConnect', 'onMessage', 'onReconnect'])) {
      connection[name] = null;
    }
    connection.websocketPingInterval = 0.01;
    connection.websocketPingTimeout = 1000;
    connection.reconnectPolicy = { minDelay: 1000, maxDelay: 1000, jitter: 0 };
    await new Promise((resolve) => {
      connection.onClose = (_, { willReconnect }) => {
        closings[kind] = (closings[kind] ?? 0) + 1;
        const isLast = !willReconnect || !/again|once/.test(kind);
        if (isLast) void setImmediate().then(resolve);
      };
      (WAYS[kind] ?? WAYS_TO_NOWHERE[kind])?.(connection);
      connection.connect();
      if (kind === 'aborted') controller.abort();
    });
    if (connection.getStatus(false) !== 'CLOSED') throw new Error(`${kind} ended as ${connection.getStatus(false)}`);
    if (isReused) isReusedBusy = false;
  }

  const runUntil = lanes(cycle);

  /** @param {number} until */
  async function run(until) {
    await runUntil(until);
    return settledBytes();
  }

  const before = await run(count / 5);
  for (const kind of Object.keys(closings)) delete closings[kind];
  const after = await run(count / 5 + count);
  const decoders = [];
  let refusal = '';
  try {
    for (;;) decoders.push(new Decoder({ role: 'client' }));
  } catch (error) {
    refusal = String(error);
  }
  report({
    closings,
    grown: after - before,
    live: AsyncTcpConnection.connections.size,
    kept: kept(),
    records: decoders.length,
    refusal,
  });
}
