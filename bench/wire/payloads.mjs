// The payloads of a row: the same few messages on both sides, so that each side can check what the other sent. This file
// owns their contents and must not know frames, sockets or libraries; it runs unchanged on every runtime.

/** @import { Kind, Row } from '../rows.mjs' */

/**
 * Different messages per row, sent in turn: message number i of a phase is payload i % variantsOf(row). More than one, so that
 * a lost, doubled or reordered message shows; few, so that the payloads of the large rows stay in the processor's cache.
 */
export const VARIANTS = 4;

/** More of those that are compressed: within the window of DEFLATE (RFC 1951, section 2) nothing must come twice. */
const FEWEST_COMPRESSED = 64;
const WINDOW_BYTES = 32 * 1024;

const SYMBOLS = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'BTC-EUR', 'ETH-EUR', 'SOL-EUR'];

// Article 1 and 2 of the Universal Declaration of Human Rights: running Korean text, with its spaces and full stops.
const KOREAN = `모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을
부여받았으며 서로 형제애의 정신으로 행동하여야 한다. 모든 사람은 인종, 피부색, 성, 언어, 종교, 정치적 또는 기타의 견해,
민족적 또는 사회적 출신, 재산, 출생 또는 기타의 신분과 같은 어떠한 종류의 차별이 없이, 이 선언에 규정된 모든 권리와
자유를 향유할 자격이 있다. `.replaceAll('\n', ' ');

/**
 * @param {Row} row
 * @returns {number} how many payloads it has
 */
export function variantsOf({ perMessageDeflate, bytes }) {
  return perMessageDeflate ? Math.max(FEWEST_COMPRESSED, Math.ceil((2 * WINDOW_BYTES) / bytes)) : VARIANTS;
}

/**
 * The payloads as the other side of the wire sees them.
 * @param {Row} row
 * @returns {Uint8Array[]}
 */
export function payloadBytes(row) {
  return Array.from({ length: variantsOf(row) }, (_, variant) => generate[row.kind](row.bytes, variant));
}

/**
 * The payloads as a program holds them. The strings come out of a decoder and are therefore flat: a string that was put
 * together from pieces would be flattened by the first library that touches it, at that library's cost.
 * @param {Row} row
 * @returns {(string | Uint8Array)[]}
 */
export function payloadData(row) {
  const decoder = new TextDecoder();
  return payloadBytes(row).map((bytes) => (row.kind === 'binary' ? bytes : decoder.decode(bytes)));
}

/** @type {Record<Kind, (size: number, variant: number) => Uint8Array>} */
const generate = {
  text(size, variant) {
    const next = randomWords(variant);
    let text = '';
    while (text.length < size) {
      text += `{"price":"${next()}","volume":"${next() % 10_000}","side":"${next() % 2 ? 'bid' : 'ask'}","id":${next()}},`;
    }
    return new TextEncoder().encode(text.slice(0, size));
  },

  korean(size, variant) {
    const start = variant * 11;
    const passage = KOREAN.slice(start) + KOREAN.slice(0, start);
    // One character takes three bytes at most, so a string of `size` characters is long enough.
    const text = passage.repeat(Math.ceil(size / passage.length));
    const bytes = new Uint8Array(size);
    const { written } = new TextEncoder().encodeInto(text, bytes);
    return bytes.fill('.'.charCodeAt(0), written);
  },

  binary(size, variant) {
    const next = randomWords(variant);
    const words = Uint32Array.from({ length: Math.ceil(size / 4) }, next);
    return new Uint8Array(words.buffer, 0, size);
  },

  // What a feed of an order book sends: the names are always the same, most of the digits are not.
  json(size, variant) {
    const next = randomWords(Math.imul(variant + 1, 0x85eb_ca6b));
    const symbol = SYMBOLS[next() % SYMBOLS.length];
    let document = `{"type":"update","symbol":"${symbol}","time":${1_767_225_600_000 + 137 * variant},"changes":[`;
    const end = '],"checksum":""}';
    let price = 6_100_000 + (next() % 100_000);
    for (let separator = ''; ; separator = ',') {
      price += (next() % 2000) - 1000;
      const side = next() % 2 ? 'bid' : 'ask';
      const volume = ((next() % 99_999) / 10_000).toFixed(4);
      const change = `${separator}{"side":"${side}","price":"${(price / 100).toFixed(2)}","size":"${volume}"}`;
      if (document.length + change.length + end.length > size) break;
      document += change;
    }
    document += end.slice(0, -2);
    while (document.length < size - 2) document += next() % 10;
    return new TextEncoder().encode(document + end.slice(-2));
  },
};

/**
 * Marsaglia's xorshift32: the same numbers in every process.
 * @param {number} seed
 */
function randomWords(seed) {
  let state = seed + 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
