// Many connections of one library, from the client's side: how they are opened and closed. It must not know what is exchanged
// on them, nor which library it drives.

/** @import { Connect, Connection } from './traffic.mjs' */

import { HIGH_WATER_MARK } from './traffic.mjs';

/** A client that dials without a bound overruns the server's backlog, and then measures the kernel's retransmission timer. */
const MOST_IN_FLIGHT = 50;

const NORMAL_CLOSURE = 1000;

/** @typedef {(data: string | Uint8Array, isBinary: boolean) => void} OnMessage */

export class CrowdConnections {
  /** @type {Connection[]} those of openAll */
  open = [];

  #connect;
  #url;
  #fail;
  #leftToClose = 0;
  #onAllClosed = () => {};

  /**
   * @param {Connect} connect
   * @param {string} url
   * @param {(complaint: string) => never} fail
   */
  constructor(connect, url, fail) {
    this.#connect = connect;
    this.#url = url;
    this.#fail = fail;
  }

  /**
   * @param {number} count
   * @param {(index: number) => OnMessage} onMessageOf what one connection's messages go to
   */
  async openAll(count, onMessageOf) {
    let next = 0;
    await manyAtOnce(async () => {
      while (next < count) this.open.push(await this.#openOne(onMessageOf(next++), this.#onMemberClosed));
    });
  }

  /** @returns {Promise<void>} when each of openAll has ended by the closing handshake */
  async closeAll() {
    this.#leftToClose = this.open.length;
    const allClosed = new Promise((resolve) => {
      this.#onAllClosed = () => resolve(undefined);
    });
    for (const connection of this.open) connection.close();
    await allClosed;
    this.open = [];
  }

  /**
   * One after the other, in as many rows as may be in flight; each is closed as soon as it is open.
   * @param {() => boolean} isMoreWanted
   * @returns {Promise<number>} how many were opened and have ended by the closing handshake
   */
  async openAndCloseWhile(isMoreWanted) {
    let count = 0;
    await manyAtOnce(async () => {
      while (isMoreWanted()) {
        await this.#openAndClose();
        count++;
      }
    });
    return count;
  }

  /** @returns {Promise<void>} */
  async #openAndClose() {
    let isClosing = false;
    let onClosed = () => {};
    const closed = new Promise((resolve) => {
      onClosed = () => resolve(undefined);
    });
    const connection = await this.#openOne(
      () => this.#fail('a message came, where none is sent'),
      () => (isClosing ? onClosed() : this.#fail('a connection closed by itself')),
    );
    isClosing = true;
    connection.close();
    await closed;
  }

  /**
   * @param {OnMessage} onMessage
   * @param {() => void} onClosed by the closing handshake
   * @returns {Promise<Connection>} when it is open
   */
  #openOne(onMessage, onClosed) {
    return new Promise((resolve) => {
      const connection = this.#connect(
        this.#url,
        {
          onOpen: () => resolve(connection),
          onMessage,
          onClose: (code, reason) => {
            if (code !== NORMAL_CLOSURE) this.#fail(`a connection closed with ${code} ${reason}; ${this.#standing()}`);
            onClosed();
          },
          onFailure: (message) => this.#fail(`${message}; ${this.#standing()}`),
        },
        HIGH_WATER_MARK,
      );
    });
  }

  #onMemberClosed = () => {
    if (this.#leftToClose === 0) this.#fail('a connection closed by itself');
    if (--this.#leftToClose === 0) this.#onAllClosed();
  };

  /** For complaints: at some number of connections, what fails first is not the library. */
  #standing() {
    const count = this.open.length;
    return `${count} connections were open, and each is an open file here and one in the source (see \`ulimit -n\`)`;
  }
}

/** @param {() => Promise<void>} row */
async function manyAtOnce(row) {
  await Promise.all(Array.from({ length: MOST_IN_FLIGHT }, row));
}
