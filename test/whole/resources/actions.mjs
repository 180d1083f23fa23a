// What a program does within callbacks, in every combination of two, with and without a policy; and what is left of it: timers,
// sockets, listeners on the one AbortSignal of all, memory. It looks after what every connection owes its user.

import { getEventListeners } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { AsyncTcpConnection } from 'wsimd';
import { kept, lanes } from './lanes.mjs';
import { report, settledBytes } from './meter.mjs';

/** @typedef {'onConnect' | 'onWebSocketConnect' | 'onMessage' | 'onWebSocketPing' | 'onWebSocketPong'} Told */
/** @typedef {Told | 'onWebSocketClose' | 'onError' | 'onClose' | 'onBufferFull' | 'onBufferDrain'} Name */
/** @typedef {{ callback: Name, actions: string[], hasPolicy: boolean }} Scenario */

/** @type {Record<string, (connection: AsyncTcpConnection) => void>} */
const ACTIONS = {
  close: (connection) => connection.close(),
  end: (connection) => connection.end(),
  destroy: (connection) => connection.destroy(),
  connect: (connection) => connection.connect(),
  reConnect: (connection) => connection.reConnect(),
  cancelReconnect: (connection) => connection.cancelReconnect(),
  pauseRecv: (connection) => connection.pauseRecv(),
  throw: () => {
    throw new Error('thrown');
  },
};

/** Each with the path of a server that makes it be called. @type {Record<Name, string>} */
const CALLBACKS = {
  onConnect: 'stay',
  onWebSocketConnect: 'stay',
  onMessage: 'stay',
  onWebSocketPing: 'stay',
  onWebSocketPong: 'stay',
  onWebSocketClose: 'close',
  onError: 'break',
  onClose: 'cut',
  onBufferFull: 'stay',
  onBufferDrain: 'stay',
};

/** Nothing but these may be told between the end of a connection and the next attempt. */
const BETWEEN = ['onReconnect', 'onReconnectFailed', 'onException', 'onBufferDrain'];

/** @returns {Scenario[]} 280 combinations, in both orders, with and without a policy */
function scenarios() {
  const names = /** @type {Name[]} */ (Object.keys(CALLBACKS));
  const actions = Object.keys(ACTIONS);
  const pairs = actions.flatMap((one) => actions.filter((other) => other !== one).map((other) => [one, other]));
  return names.flatMap((callback) =>
    pairs.flatMap((pair) => [false, true].map((hasPolicy) => ({ callback, actions: pair, hasPolicy }))),
  );
}

/** @param {string} url of a server that greets by a ping, a pong and a message, and ends as the path says when it is told to */
export async function actions(url) {
  const { signal } = new AbortController();
  /** @type {string[]} */
  const complaints = [];
  let listeners = 0;
  let unseen = 0;
  Object.assign(globalThis, { reportError: () => (unseen += 1) });
  const all = scenarios();

  /** @param {Scenario} scenario */
  async function play({ callback, actions, hasPolicy }) {
    /** @type {string[]} */
    const told = [];
    const { promise: acted, resolve } = withResolvers();
    const connection = new AsyncTcpConnection(
      () => {
        told.push('attempt');
        return `${url}/${CALLBACKS[callback]}`;
      },
      { signal },
    );
    connection.closeTimeout = 0.05;
    connection.lingerTimeout = 0.05;
    if (hasPolicy) connection.reconnectPolicy = { minDelay: 0.001, maxDelay: 0.001, maxRetries: 2 };
    if (callback.startsWith('onBuffer')) connection.maxSendBufferSize = 1;
    let left = 2;
    /** @param {string} name */
    const tell = (name) => {
      told.push(name);
      listeners = Math.max(listeners, getEventListeners(signal, 'abort').length);
      if (name === 'onConnect' && callback.startsWith('onBuffer')) connection.send('x');
      if (name === 'onWebSocketConnect') connection.send('go on');
      if (name !== callback || left === 0) return;
      left -= 1;
      resolve();
      for (const action of actions) ACTIONS[action]?.(connection);
    };
    for (const name of /** @type {Name[]} */ (Object.keys(CALLBACKS))) {
      if (name !== 'onError') connection[name] = () => tell(name);
    }
    connection.onReconnect = () => tell('onReconnect');
    connection.onReconnectFailed = () => tell('onReconnectFailed');
    connection.onError = (_, code) => {
      if (code === 8) told.push('onException');
      // Too much at once is not the connection's fault.
      else if (code !== AsyncTcpConnection.SEND_FAIL) tell('onError');
    };
    connection.connect();
    await acted;
    // It may go on for some time, and is right at whatever point it is stopped.
    await setTimeout(15);
    left = 0;
    connection.destroy();
    told.push('over');
    await setTimeout(5);
    // What has a turn of its own may be later than a timer, where there is much to do.
    await setImmediate();
    const complaint = complaintOf(told, connection);
    if (complaint === undefined) return;
    complaints.push(`${complaint}: ${callback}, ${actions}, ${hasPolicy ? 'policy' : 'no policy'}: ${told}`);
  }

  const runUntil = lanes((number) => play(/** @type {Scenario} */ (all[(number - 1) % all.length])));

  /** @param {number} times */
  async function run(times) {
    await runUntil(times * all.length);
    return settledBytes();
  }

  const before = await run(1);
  const after = await run(2);
  report({
    played: all.length,
    complaints: complaints.slice(0, 20),
    grown: after - before,
    live: AsyncTcpConnection.connections.size,
    kept: kept(),
    listeners: [listeners, getEventListeners(signal, 'abort').length],
    unseen,
  });
}

/** Node.js 20 has none. */
function withResolvers() {
  let resolve = () => {};
  const promise = new Promise((done) => {
    resolve = () => done(undefined);
  });
  return { promise, resolve };
}

/**
 * @param {string[]} told
 * @param {AsyncTcpConnection} connection
 * @returns {string | undefined}
 */
function complaintOf(told, connection) {
  /** @param {string} name */
  const count = (name) => told.filter((line) => line === name).length;
  if (count('attempt') !== count('onClose')) return 'not one onClose for each attempt';
  // A producer may go on behind an end: nothing waits any more.
  if (count('onBufferFull') !== count('onBufferDrain')) return 'not one onBufferDrain for each onBufferFull';
  const behind = told.slice(told.indexOf('over') + 1);
  if (behind.some((line) => line !== 'onBufferDrain')) return 'told after its end';
  let isBetween = true;
  let errors = 0;
  for (const line of told.slice(0, told.indexOf('over'))) {
    if (line === 'attempt') {
      if (!isBetween) return 'two attempts at a time';
      isBetween = false;
      errors = 0;
    } else if (isBetween && !BETWEEN.includes(line)) return `${line} between two attempts`;
    if (line === 'onError') errors += 1;
    if (errors > 1) return 'more than one error of an attempt';
    if (line === 'onClose') isBetween = true;
  }
  if (connection.getStatus(false) !== 'CLOSED') return `it is ${connection.getStatus(false)}`;
  return AsyncTcpConnection.connections.has(connection.id) ? 'it counts as live' : undefined;
}
