// What messages cost the decoder of `wsimd/framing`, without sockets: in small fragments, in single bytes, in headers only.
// Each function is the work of one process, and reports what it measured.

import { Decoder } from 'wsimd/framing';
import { Meter, report } from './meter.mjs';

const NO_LIMIT = 2 ** 31 - 1;
/** As a socket would read it. */
const CHUNK_BYTES = 65_536;

/**
 * A binary message of `size` bytes in fragments of `fragmentBytes`.
 * @param {number} size
 * @param {number} fragmentBytes
 */
export function fragments(size, fragmentBytes) {
  const perChunk = Math.floor(CHUNK_BYTES / (fragmentBytes + 2));
  const fragment = Buffer.concat([Buffer.of(0x00, fragmentBytes), Buffer.alloc(fragmentBytes, 0x61)]);
  const chunk = Buffer.concat(Array(perChunk).fill(fragment));
  /** @param {number} total @param {Meter} [meter] */
  const once = (total, meter) => {
    let received = 0;
    const onMessage = (/** @type {string | Uint8Array} */ data) => {
      received = data.length;
      meter?.sample();
    };
    const decoder = new Decoder({ role: 'client', maxMessageSize: total, maxFragments: NO_LIMIT, onMessage });
    decoder.feed(Buffer.of(0x02, 0));
    for (let left = total / fragmentBytes; left > 0; left -= perChunk) {
      decoder.feed(chunk.subarray(0, Math.min(left, perChunk) * fragment.length));
      meter?.sample();
    }
    decoder.feed(Buffer.of(0x80, 0));
    decoder.close();
    return received;
  };
  once(1024 * 1024);
  const meter = new Meter();
  const received = once(size, meter);
  report({ ...meter.read(), received });
}

/**
 * Binary messages of one frame each, byte by byte; the last of them is measured.
 * @param {number[]} sizes
 */
export function singleBytes(sizes) {
  const byte = new Uint8Array(1);
  /** @param {number} size */
  const once = (size) => {
    let received = 0;
    const onMessage = (/** @type {string | Uint8Array} */ data) => {
      received = data.length;
    };
    const decoder = new Decoder({ role: 'client', maxMessageSize: size, onMessage });
    decoder.feed(header64(0x82, BigInt(size)));
    for (let i = 0; i < size; i += 1) decoder.feed(byte);
    decoder.close();
    return received;
  };
  once(65_536);
  report({
    runs: sizes.map((size) => {
      const meter = new Meter();
      const received = once(size);
      return { ...meter.read(), received };
    }),
  });
}

/**
 * So many decoders, each of which gets a header that declares `length` bytes, and one of those bytes.
 * @param {number} count
 * @param {bigint} length
 */
export function declared(count, length) {
  /** @type {string[]} */
  const codes = [];
  const once = () => {
    const onError = (/** @type {import('wsimd/framing').WsimdError} */ error) => codes.push(error.code);
    const decoder = new Decoder({ role: 'client', maxMessageSize: Number.MAX_SAFE_INTEGER, onError });
    decoder.feed(header64(0x82, length));
    decoder.feed(Buffer.of(0x61));
    return decoder;
  };
  const warm = Array.from({ length: 100 }, once);
  for (const decoder of warm) decoder.close();
  codes.length = 0;
  const meter = new Meter();
  const decoders = Array.from({ length: count }, once);
  const costs = meter.read();
  for (const decoder of decoders) decoder.close();
  report({ ...costs, refused: codes.length, codes: [...new Set(codes)] });
}

/**
 * A text of so many empty fragments; reports how many were taken.
 * @param {number} count
 * @param {number | undefined} maxFragments
 */
export function emptyFragments(count, maxFragments) {
  const chunk = new Uint8Array(2);
  /** @param {number} total */
  const once = (total) => {
    let taken = 0;
    let outcome = '';
    const decoder = new Decoder({
      role: 'client',
      ...(maxFragments === undefined ? {} : { maxFragments }),
      onMessage: (data) => {
        outcome = `message of ${data.length}`;
      },
      onError: (error) => {
        outcome = error.code;
      },
    });
    decoder.feed(Buffer.of(0x01, 0));
    for (taken = 1; taken < total - 1 && outcome === ''; taken += 1) decoder.feed(chunk);
    if (outcome === '') decoder.feed(Buffer.of(0x80, 0));
    decoder.close();
    return { fragments: outcome.startsWith('WS_') ? taken : total, outcome };
  };
  once(10_000);
  const meter = new Meter();
  const result = once(count);
  report({ ...meter.read(), ...result });
}

/**
 * @param {number} first
 * @param {bigint} length
 */
function header64(first, length) {
  const header = Buffer.of(first, 127, 0, 0, 0, 0, 0, 0, 0, 0);
  header.writeBigUInt64BE(length, 2);
  return header;
}
