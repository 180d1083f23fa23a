// Thousands of reconnects of a few objects, for each way in which a connection may end, with one AbortSignal for all of them that
// is never aborted; and what is left of them: timers, sockets, listeners on the signal, memory.

import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { AsyncTcpConnection } from 'wsimd';
import { kept } from './lanes.mjs';
import { report, settledBytes } from './meter.mjs';

/** @typedef {(connection: AsyncTcpConnection) => void} Step */

/** Ends that a server makes, by the path that makes it. */
const PATHS = ['close', 'cut', 'reset', 'fin', 'break', 'refuse'];

/** Ends that are made here, at a server that stays. @type {Record<string, Step>} */
const STEPS = {
  'close()': (connection) => {
    connection.onWebSocketConnect = () => connection.close();
  },
  'end()': (connection) => {
    connection.onWebSocketConnect = () => connection.end();
  },
  'destroy() in onConnect': (connection) => {
    connection.onConnect = () => connection.destroy();
  },
  'destroy() when open': (connection) => {
    connection.onWebSocketConnect = () => connection.destroy();
  },
  'an exception, and destroy()': (connection) => {
    connection.onWebSocketConnect = () => {
      connection.destroy();
      throw new Error('thrown');
    };
  },
  'a dead peer': (connection) => {
    connection.websocketPingInterval = 0.002;
    connection.websocketPingTimeout = 0.003;
  },
};

/**
 * @param {string[]} urls of servers that end as the path says, each for one object of each way
 * @param {string} nowhere where nobody listens
 * @param {number} count reconnects for each way that are measured; a tenth as many go before
 */
export async function reconnects(urls, nowhere, count) {
  const { signal } = new AbortController();
  let listeners = 0;
  /** @type {Record<string, { attempts: number, closings: number }>} */
  const counts = {};

  /**
   * @param {string} way
   * @param {string} base
   */
  function made(way, base) {
    const counted = counts[way] ?? { attempts: 0, closings: 0 };
    counts[way] = counted;
    const url = PATHS.includes(way) ? `${base}/${way}` : way === 'refused' ? nowhere : `${base}/stay`;
    const connection = new AsyncTcpConnection(
      () => {
        counted.attempts += 1;
        if (way === 'a provider throws') throw new Error('thrown');
        return url;
      },
      { signal },
    );
    connection.closeTimeout = 1;
    connection.lingerTimeout = 1;
    if (way === 'it takes too long') {
      connection.headers = () => new Promise(() => {});
      connection.connectTimeout = 0.002;
    }
    STEPS[way]?.(connection);
    // A policy does not bring back what the program itself has ended.
    const isOwnEnd = /\(\)/.test(way);
    if (!isOwnEnd) connection.reconnectPolicy = () => 0;

    /** @param {number} times */
    return (times) =>
      new Promise((resolve) => {
        let left = times;
        connection.onClose = () => {
          counted.closings += 1;
          listeners = Math.max(listeners, getEventListeners(signal, 'abort').length);
          left -= 1;
          if (left > 0 && isOwnEnd) connection.reConnect();
          if (left > 0) return;
          // It has decided by that: no policy is asked.
          connection.destroy();
          resolve(undefined);
        };
        connection.connect();
      });
  }

  const ways = [...PATHS, ...Object.keys(STEPS), 'refused', 'a provider throws', 'it takes too long'];
  const objects = ways.flatMap((way) => urls.map((base) => made(way, base)));

  /** @param {number} times */
  async function run(times) {
    await Promise.all(objects.map((again) => again(times / urls.length)));
    for (let i = 0; i < 500 && kept().length > 0; i += 1) await setTimeout(10);
    return settledBytes();
  }

  const before = await run(count / 10);
  for (const counted of Object.values(counts)) Object.assign(counted, { attempts: 0, closings: 0 });
  const after = await run(count);
  report({
    counts,
    grown: after - before,
    live: AsyncTcpConnection.connections.size,
    kept: kept(),
    listeners: [listeners, getEventListeners(signal, 'abort').length],
  });
}
