// Lets the tour wait for what a program's callbacks are told, without a change to the program: each callback is wrapped in
// one that calls it and takes note. This file owns the waiting and its deadline, and must not know what is waited for.

/** @import { AsyncTcpConnection } from 'wsimd' */

/** @typedef {'onConnect' | 'onWebSocketConnect' | 'onMessage' | 'onWebSocketPong' | 'onClose'} CallbackName */

/**
 * @template {CallbackName} Name
 * @typedef {Parameters<NonNullable<AsyncTcpConnection[Name]>>} Told what a callback was called with
 */

/** Nothing that is waited for takes longer than a second on an idle machine. */
const DEADLINE_SECONDS = 10;

export class Witness {
  /** @type {Map<CallbackName, unknown[][]>} what nobody has asked for yet, by callback */
  #told = new Map();
  #failure = '';
  #wake = () => {};

  /** @param {AsyncTcpConnection} connection whose callbacks are set */
  constructor(connection) {
    this.#wrap(connection, 'onConnect');
    this.#wrap(connection, 'onWebSocketConnect');
    this.#wrap(connection, 'onMessage');
    this.#wrap(connection, 'onWebSocketPong');
    this.#wrap(connection, 'onClose');
    const { onError } = connection;
    connection.onError = (...told) => {
      onError?.(...told);
      this.#failure = told[2];
      this.#wake();
    };
  }

  /**
   * The first call that has not been asked for yet, be it past or to come.
   * @template {CallbackName} Name
   * @param {Name} name
   * @returns {Promise<Told<Name>>}
   * @throws when it does not come in time, or onError comes first
   */
  async next(name) {
    const calls = /** @type {Told<Name>[]} */ (this.#told.get(name));
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, DEADLINE_SECONDS * 1000);
    while (calls.length === 0 && this.#failure === '' && !isLate) {
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
      });
    }
    clearTimeout(deadline);
    const call = calls.shift();
    if (call !== undefined) return call;
    throw new Error(this.#failure || `${name} was not called within ${DEADLINE_SECONDS} seconds.`);
  }

  /**
   * @template {CallbackName} Name
   * @param {Pick<AsyncTcpConnection, Name>} connection
   * @param {Name} name
   */
  #wrap(connection, name) {
    /** @type {unknown[][]} */
    const calls = [];
    this.#told.set(name, calls);
    const callback = /** @type {((...told: unknown[]) => void) | null} */ (connection[name]);
    const wrapper = (/** @type {unknown[]} */ ...told) => {
      callback?.(...told);
      calls.push(told);
      this.#wake();
    };
    connection[name] = /** @type {AsyncTcpConnection[Name]} */ (wrapper);
  }
}
