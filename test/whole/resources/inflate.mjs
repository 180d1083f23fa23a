// What bombs cost whoever inflates them: a decoder of `wsimd/framing`, or a client of one of the three faces, with others beside
// it in the same process that have nothing to do with it. Each function is the work of one process, and reports what it measured.

import { constants, deflateRawSync } from 'node:zlib';
import { AsyncTcpConnection, WebSocket } from 'wsimd';
import { Decoder, Encoder } from 'wsimd/framing';
import { WebSocket as WebWebSocket } from 'wsimd/web';
import { Meter, report } from './meter.mjs';

const MiB = 1024 * 1024;
/** As a socket would read it. */
const CHUNK_BYTES = 65_536;

/** A MiB of zeros, compressed by itself: any number of them, one behind the other, is so many MiB. Ends with an empty block. */
const UNIT = deflateRawSync(Buffer.alloc(MiB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });

/**
 * `size` zeros as the payload of a message (RFC 7692 §7.2.1).
 * @param {number} size
 */
export function zeros(size) {
  const rest = deflateRawSync(Buffer.alloc(size % MiB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([...Array(Math.floor(size / MiB)).fill(UNIT), rest]).subarray(0, -4);
}

/**
 * The frames of a compressed message of `size` zeros, in one frame or in fragments with a ping behind every tenth of them.
 * @param {number} opcode
 * @param {number} size
 * @param {number} [fragmentBytes] of compressed data
 */
export function bomb(opcode, size, fragmentBytes = Number.POSITIVE_INFINITY) {
  const payload = zeros(size);
  const parts = [];
  for (let at = 0; at < payload.length; at += fragmentBytes) {
    const part = payload.subarray(at, at + fragmentBytes);
    const first = (at === 0 ? 0x40 | opcode : 0) | (at + part.length === payload.length ? 0x80 : 0);
    parts.push(head(first, part.length), part);
    if (parts.length % 20 === 0 && first < 0x80) parts.push(Buffer.of(0x89, 0));
  }
  return Buffer.concat(parts);
}

/**
 * @param {number} first
 * @param {number} length
 */
function head(first, length) {
  if (length < 126) return Buffer.of(first, length);
  const header = Buffer.alloc(10);
  header[0] = first;
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
    return header.subarray(0, 4);
  }
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/**
 * A decoder gets a compressed message of so many zeros; between its chunks, two others go on with theirs.
 * @param {number} opcode
 * @param {number} size
 * @param {number} [fragmentBytes]
 * @param {number} [chunkBytes] in which it is fed
 */
export function decode(opcode, size, fragmentBytes, chunkBytes = CHUNK_BYTES) {
  const bytes = bomb(opcode, size, fragmentBytes);
  const small = bomb(opcode, 2 * MiB, fragmentBytes);
  const plain = new Neighbour(false);
  const compressed = new Neighbour(true);
  /** @param {Buffer} stream @param {Meter} [meter] */
  const once = (stream, meter) => {
    const result = { outcome: '', status: 0, detail: '', fed: 0, pings: 0 };
    const decoder = new Decoder({
      role: 'client',
      perMessageDeflate: true,
      onMessage: (data) => {
        result.outcome = described(typeof data, data);
        meter?.sample();
      },
      onPing: () => {
        result.pings += 1;
      },
      onError: (error) => {
        Object.assign(result, { outcome: error.code, status: error.status, detail: error.detail });
      },
    });
    for (let at = 0; at < stream.length; at += chunkBytes) {
      decoder.feed(stream.subarray(at, at + chunkBytes));
      if (result.outcome === '' || at === 0) result.fed = Math.min(at + chunkBytes, stream.length);
      meter?.sample();
      plain.next();
      compressed.next();
    }
    decoder.close();
    return result;
  };
  once(small);
  const meter = new Meter();
  const result = once(bytes, meter);
  const costs = meter.read();
  report({ ...costs, ...result, sent: bytes.length, neighbours: [plain.finish(), compressed.finish()] });
}

/** A stream of messages that goes on piece by piece, each of which is half of one message and half of the next. */
class Neighbour {
  #encoder;
  #decoder;
  #sent = 0;
  #told = 0;
  /** @type {Uint8Array} */
  #rest = Buffer.alloc(0);

  /** @param {boolean} perMessageDeflate */
  constructor(perMessageDeflate) {
    this.#encoder = new Encoder({ role: 'server', perMessageDeflate });
    this.#decoder = new Decoder({
      role: 'client',
      perMessageDeflate,
      onMessage: (data) => {
        if (data === this.#message(this.#told)) this.#told += 1;
      },
    });
  }

  /** @param {number} i */
  #message(i) {
    return JSON.stringify({ id: i, name: `한국 ${i % 7}`, items: Array.from({ length: 20 }, (_, k) => k * i) });
  }

  next() {
    const frame = this.#encoder.text(this.#message(this.#sent));
    this.#sent += 1;
    const half = frame.length >> 1;
    this.#decoder.feed(Buffer.concat([this.#rest, frame.subarray(0, half)]));
    this.#rest = frame.slice(half);
  }

  /** Whether all came, in order and whole. */
  finish() {
    this.#decoder.feed(this.#rest);
    this.#decoder.close();
    this.#encoder.dispose();
    return this.#sent > 0 && this.#told === this.#sent;
  }
}

/**
 * Clients of one server: one at /victim, and beside it those at /plain and /compressed, who answer what they hear. Measures from
 * the text `warm` to `plain`, answered by `ready`, to its text `report`, or `report when closed` if the victim has to end first.
 * @param {string} url
 * @param {'callback' | 'ws' | 'web'} face of the victim
 * @param {object} options of the victim
 */
export function bombed(url, face, options) {
  /** @type {Meter} */
  let meter;
  /** @type {string[]} */
  const victim = [];
  /** @type {() => void} */
  let onClosed;
  const closed = /** @type {Promise<void>} */ (new Promise((resolve) => (onClosed = resolve)));
  const end = FACES[face](`${url}/victim`, options, (line) => {
    meter?.sample();
    victim.push(line);
    if (line.startsWith('close')) onClosed();
  });
  const neighbours = ['plain', 'compressed'].map((name) => {
    const connection = new AsyncTcpConnection(`${url}/${name}`);
    connection.perMessageDeflate = name === 'compressed';
    connection.onMessage = async (_, data) => {
      if (data === 'warm') {
        victim.length = 0;
        meter = new Meter();
        connection.send('ready');
      } else if (data === 'report' || data === 'report when closed') {
        if (data !== 'report') await closed;
        report({ ...meter.read(), victim });
        end();
        for (const neighbour of neighbours) neighbour.destroy();
      } else connection.send(`${name} heard ${data}`);
    };
    connection.onError = (_connection, _code, message) => console.error(message);
    connection.connect();
    return connection;
  });
}

/**
 * What a message is, for the line about it.
 * @param {string} type
 * @param {string | Uint8Array} data
 */
function described(type, data) {
  const isZero = typeof data === 'string' ? !/[^\0]/.test(data) : isZeros(data);
  return `${type} of ${data.length}${isZero ? '' : ', but not of zeros'}`;
}

const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** @param {Uint8Array} bytes */
function isZeros(bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const part = bytes.subarray(at, at + CHUNK_BYTES);
    if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}

/**
 * Each connects, tells its lines, and returns what ends it.
 * @type {Record<'callback' | 'ws' | 'web', (url: string, options: object, tell: (line: string) => void) => () => void>}
 */
const FACES = {
  callback: (url, options, tell) => {
    const connection = Object.assign(new AsyncTcpConnection(url), { perMessageDeflate: true, ...options });
    connection.onMessage = (_, data) => tell(described(typeof data, data));
    connection.onError = (_connection, _code, _message, cause) => {
      const { code, status, detail } = /** @type {import('wsimd').WsimdError} */ (cause);
      tell(`${code} ${status}: ${detail}`);
    };
    connection.onClose = (_, { code }) => tell(`close ${code}`);
    connection.connect();
    return () => connection.destroy();
  },
  ws: (url, options, tell) => {
    const socket = new WebSocket(url, options);
    socket.on('message', (data, isBinary) =>
      tell(described(isBinary ? 'object' : 'string', /** @type {Buffer} */ (data))),
    );
    socket.on('error', (error) => tell(`${/** @type {Error & { code?: string }} */ (error).code}: ${error.message}`));
    socket.on('close', (code) => tell(`close ${code}`));
    return () => socket.terminate();
  },
  web: (url, _options, tell) => {
    const socket = new WebWebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      tell(described(typeof data, typeof data === 'string' ? data : new Uint8Array(/** @type {ArrayBuffer} */ (data))));
    };
    socket.onerror = () => tell('error');
    socket.onclose = ({ code, wasClean }) => tell(`close ${code} ${wasClean}`);
    return () => socket.close();
  },
};
