// Loops over the messages of connections that are left in every way, again and again; what each left besides its end, and what is
// left of all of them: timers, sockets, listeners on an AbortSignal, memory.

import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { AsyncTcpConnection, connect } from 'wsimd';
import { kept, lanes } from './lanes.mjs';
import { report, settledBytes } from './meter.mjs';

/** @typedef {(connection: AsyncTcpConnection) => Promise<unknown>} Way */

/** @type {Record<string, Way>} */
const WAYS = {
  'break in the midst of it': async (connection) => {
    for await (const _ of connection.messages({ queue: 2 })) break;
  },
  return: (connection) =>
    (async () => {
      for await (const message of connection) return message;
    })(),
  'an exception': async (connection) => {
    try {
      for await (const _ of connection) throw new Error('mine');
    } catch (error) {
      if (/** @type {Error} */ (error).message !== 'mine') throw error;
    }
  },
  'return() before the first': (connection) => connection.messages().return?.() ?? Promise.resolve(),
  'return() while next() waits': async (connection) => {
    const messages = connection.messages();
    for (let i = 0; i < 5; i += 1) await messages.next();
    const last = messages.next();
    await messages.return?.();
    if (!(await last).done) throw new Error('It goes on.');
  },
  asyncDispose: (connection) => connection[Symbol.asyncDispose](),
  'dispose beside a loop': async (connection) => {
    for await (const _ of connection) connection[Symbol.dispose]();
  },
  'pings that nobody awaits': async (connection) => {
    for (let i = 0; i < 300; i += 1) connection.ping();
    connection.destroy();
  },
  'a loop that is never begun': async (connection) => {
    connection.messages({ queue: 1 });
    connection.close();
    await connection.closed;
  },
};

/**
 * @param {string} url of a server that sends five messages, and answers no pings
 * @param {string} nowhere where nobody listens
 * @param {number} times each way is gone, and as many more times measured
 */
export async function loops(url, nowhere, times) {
  const { signal } = new AbortController();
  const ways = Object.entries(WAYS);
  /** @type {string[]} */
  const complaints = [];
  let unhandled = 0;
  process.on('unhandledRejection', () => {
    unhandled += 1;
  });

  const runUntil = lanes(async (number) => {
    const [name, way] = /** @type {[string, Way]} */ (ways[number % ways.length]);
    const refused = await connect(nowhere, { signal }).catch((error) => error.code);
    if (refused !== 'WS_ERR_CONNECT') complaints.push(`refused: ${refused}`);
    const connection = await connect(url, { signal, reconnectPolicy: {}, onReconnect: null });
    await way(connection);
    const shown = inspect(connection);
    if (!/CLOSED/.test(shown) || /listeners|reconnectIsScheduled/.test(shown)) complaints.push(`${name}: ${shown}`);
  });

  /** @param {number} until */
  async function run(until) {
    await runUntil(until);
    return settledBytes();
  }

  const before = await run(times * ways.length);
  const after = await run(2 * times * ways.length);
  report({
    cycles: times * ways.length,
    complaints: complaints.slice(0, 5),
    unhandled,
    grown: after - before,
    live: AsyncTcpConnection.connections.size,
    kept: kept(),
    listeners: getEventListeners(signal, 'abort').length,
  });
}
