// A load on a server that echoes: connections that have so many messages in flight, for so long; what comes back is compared, and
// what it took is counted. It owns when something is sent and what a fault is, and must not know which client it drives, nor what
// is made of the figures.

import { Histogram } from './histogram.mjs';

/**
 * As much of a client as is needed here. It has to take all that is in flight, for nothing else bounds what is sent.
 * @typedef {object} Connection
 * @property {(data: string | Uint8Array) => unknown} send
 * @property {() => void} close
 */

/**
 * @typedef {object} Handlers
 * @property {() => void} onOpen
 * @property {(data: string | Uint8Array, isBinary: boolean) => void} onMessage a text message comes as a string
 * @property {(code: number, reason: string) => void} onClose
 * @property {(message: string) => void} onFailure
 */

/** @typedef {(handlers: Handlers) => Connection} Open */

/** @typedef {'refused' | 'closed' | 'silent' | 'different'} FaultKind */

/** Why there is no load, or no longer: each a sentence. */
export class LoadFault extends Error {
  kind;

  /**
   * @param {FaultKind} kind
   * @param {string} sentence
   */
  constructor(kind, sentence) {
    super(sentence);
    this.kind = kind;
  }
}

/**
 * @typedef {object} Load
 * @property {number} connections that are open at the same time
 * @property {number} inFlight messages of each that have no answer yet, at most
 * @property {number} seconds for which messages are sent; those in flight then are waited for
 * @property {string | Uint8Array} payload of each message
 */

/**
 * @typedef {object} LoadResult
 * @property {number} messages that have come back
 * @property {number} seconds until the last of them
 * @property {Histogram} latencies in microseconds, from `send` until the message was there
 */

/** One connection with what is in flight on it, in order. */
class Echoes {
  #connection;
  #silenceSeconds;
  /** @type {string | Uint8Array} */
  #payload = '';
  #isOver = false;
  #isOpen = false;
  /** @type {number[]} when each message in flight was sent, as many as are in flight, in turn */
  #sentAt = [];
  #sent = 0;
  #received = 0;
  #end = 0;
  #histogram = new Histogram();
  /** What came since the last look of the watch. */
  #seen = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #watch;
  #resolve = () => {};
  /** @type {(fault: LoadFault) => void} */
  #reject = () => {};

  /**
   * @param {Open} open
   * @param {number} silenceSeconds after which nothing more is expected
   */
  constructor(open, silenceSeconds) {
    this.#silenceSeconds = silenceSeconds;
    this.#connection = open({
      onOpen: () => {
        this.#isOpen = true;
        this.#resolve();
      },
      onMessage: (data) => this.#onMessage(data),
      onClose: (code, reason) => this.#onClose(code, reason),
      onFailure: (message) => this.#fail(this.#isOpen ? 'closed' : 'refused', message),
    });
  }

  /** @returns {Promise<void>} */
  opened() {
    return this.#awaited(() => `There was no connection within ${this.#silenceSeconds} s.`);
  }

  /**
   * A server that greets has done so before the echo of the first message: what comes before it is not counted.
   * @param {string | Uint8Array} payload
   * @returns {Promise<void>}
   */
  async greet(payload) {
    let other = '';
    this.#onMessage = (data) => {
      if (isSame(data, payload)) this.#resolve();
      else other = shown(data);
    };
    const echoed = this.#awaited(() =>
      other === ''
        ? `The server does not echo: nothing came back within ${this.#silenceSeconds} s of ${shown(payload)}.`
        : `The server does not echo: it was sent ${shown(payload)}, and what came was ${other}.`,
    );
    this.#connection.send(payload);
    await echoed;
  }

  /**
   * @param {Load} load
   * @param {Histogram} histogram
   * @returns {Promise<number>} how many came back
   */
  async run({ inFlight, seconds, payload }, histogram) {
    this.#payload = payload;
    this.#histogram = histogram;
    this.#sentAt = Array(inFlight).fill(0);
    this.#sent = 0;
    this.#received = 0;
    this.#onMessage = this.#onEcho;
    const finished = this.#awaited(
      () => `Of ${this.#sent} messages ${this.#received} came back, and then nothing for ${this.#silenceSeconds} s.`,
    );
    this.#end = performance.now() + seconds * 1000;
    for (let count = 0; count < inFlight; count++) this.#send(performance.now());
    await finished;
    return this.#received;
  }

  /** @returns {Promise<void>} when it has ended, however it did */
  async close() {
    if (this.#isOver) return;
    const ended = this.#awaited(() => '').catch(() => {});
    this.#connection.close();
    await ended;
  }

  /** @type {(data: string | Uint8Array) => void} */
  #onMessage = () => {};

  /** @param {string | Uint8Array} data */
  #onEcho = (data) => {
    const now = performance.now();
    this.#histogram.record((now - /** @type {number} */ (this.#sentAt[this.#received % this.#sentAt.length])) * 1000);
    this.#received++;
    this.#seen++;
    if (!isAlike(data, this.#payload)) {
      this.#fail('different', `Message ${this.#received} came back as another one: ${shown(data)}.`);
    } else if (now < this.#end) this.#send(now);
    else if (this.#received === this.#sent) this.#resolve();
  };

  /** @param {number} now */
  #send(now) {
    this.#sentAt[this.#sent++ % this.#sentAt.length] = now;
    this.#connection.send(this.#payload);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #onClose(code, reason) {
    this.#isOver = true;
    const words = reason === '' ? `${code}` : `${code} "${reason}"`;
    const when = this.#received === 0 ? 'before anything came back' : `after ${this.#received} messages`;
    this.#fail('closed', `The connection was closed ${when}: ${words}.`);
  }

  /**
   * @param {FaultKind} kind
   * @param {string} sentence
   */
  #fail(kind, sentence) {
    this.#isOver ||= kind === 'refused';
    this.#reject(new LoadFault(kind, sentence));
  }

  /**
   * @param {() => string} silence what is said where nothing comes any more
   * @returns {Promise<void>} of the step that is taken now
   */
  async #awaited(silence) {
    const step = new Promise((resolve, reject) => {
      this.#resolve = () => resolve(undefined);
      this.#reject = reject;
    });
    // One timer that looks now and then, and not one for each message.
    this.#watch = setInterval(() => {
      if (this.#seen === 0) this.#fail('silent', silence());
      this.#seen = 0;
    }, this.#silenceSeconds * 1000);
    try {
      await step;
    } finally {
      clearInterval(this.#watch);
    }
  }
}

/** Some connections to one server, on which one load after the other is put. */
export class LoadedServer {
  #open;
  #silenceSeconds;
  /** @type {Echoes[]} */
  #connections = [];

  /**
   * @param {Open} open
   * @param {number} silenceSeconds
   */
  constructor(open, silenceSeconds) {
    this.#open = open;
    this.#silenceSeconds = silenceSeconds;
  }

  /**
   * @param {Load} load
   * @returns {Promise<LoadResult>}
   * @throws LoadFault
   */
  async put(load) {
    const used = await this.#opened(load.connections);
    // Whole, once: the others are compared by their length and one place.
    await Promise.all(used.map((connection) => connection.greet(load.payload)));
    const latencies = new Histogram();
    const begun = performance.now();
    const counts = await Promise.all(used.map((connection) => connection.run(load, latencies)));
    const seconds = (performance.now() - begun) / 1000;
    return { messages: counts.reduce((sum, count) => sum + count), seconds, latencies };
  }

  /**
   * That a server echoes a message: one, on one connection.
   * @param {string | Uint8Array} payload
   * @throws LoadFault
   */
  async check(payload) {
    const [connection] = await this.#opened(1);
    await connection?.greet(payload);
  }

  async close() {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  /**
   * @param {number} count
   * @returns {Promise<Echoes[]>}
   */
  async #opened(count) {
    while (this.#connections.length < count) {
      const connection = new Echoes(this.#open, this.#silenceSeconds);
      this.#connections.push(connection);
      await connection.opened();
    }
    return this.#connections.slice(0, count);
  }
}

/**
 * @param {string | Uint8Array} data
 * @param {string | Uint8Array} payload
 */
function isSame(data, payload) {
  if (typeof data === 'string' || typeof payload === 'string') return data === payload;
  return data.length === payload.length && data.every((byte, index) => byte === payload[index]);
}

/**
 * @param {string | Uint8Array} data
 * @param {string | Uint8Array} payload
 */
function isAlike(data, payload) {
  const middle = payload.length >> 1;
  return typeof data === typeof payload && data.length === payload.length && data[middle] === payload[middle];
}

/** @param {string | Uint8Array} data */
function shown(data) {
  const kind = typeof data === 'string' ? 'text' : 'binary';
  if (kind === 'binary' || data.length > 60)
    return `${data.length} ${kind === 'text' ? 'characters of text' : 'bytes'}`;
  return JSON.stringify(data);
}
