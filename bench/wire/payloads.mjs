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

// The same articles in Russian: two bytes per letter, one per space and per mark of punctuation.
const RUSSIAN = `Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и
должны поступать в отношении друг друга в духе братства. Каждый человек должен обладать всеми правами и всеми свободами,
провозглашенными настоящей Декларацией, без какого бы то ни было различия, как-то: в отношении расы, цвета кожи, пола, языка,
религии, политических или иных убеждений, национального или социального происхождения, имущественного, сословного или иного
положения. `.replaceAll('\n', ' ');

// And in French as it is typed: one letter in thirty has two bytes, and no character is beyond Latin-1. (With typographic apostrophes,
// which have three, strings take twice the memory, and 1 KiB costs a third more.)
const FRENCH = `Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de
conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Chacun peut se prévaloir de tous les droits
et de toutes les libertés proclamés dans la présente Déclaration, sans distinction aucune, notamment de race, de couleur, de
sexe, de langue, de religion, d'opinion politique ou de toute autre opinion, d'origine nationale ou sociale, de fortune, de
naissance ou de toute autre situation. `.replaceAll('\n', ' ');

// What is written in chats: English, and an emoji every few words. They have four bytes each, or several characters of them.
const EMOJI =
  `omg did you see the game last night?? 😂😂 can't believe they won in the last minute 🔥 I was screaming so loud my
neighbours knocked 🙈 haha same here 🎉🎉 are we still on for saturday? 🍕 yes! bring your sister too ❤️ she'll love it 👍🏽 ok see you
at eight 👋 don't be late again 😅 me? never 😇 that's what you said last time lol 🤣 fine, coffee is on me then ☕ deal 🤝 `.replaceAll(
    '\n',
    ' ',
  );

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

  korean: (size, variant) => running(KOREAN, size, variant),
  russian: (size, variant) => running(RUSSIAN, size, variant),
  french: (size, variant) => running(FRENCH, size, variant),
  emoji: (size, variant) => running(EMOJI, size, variant),

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
 * A passage from another character on in each variant, again and again. What is left at the end, where the next character has more
 * bytes than there is room for, are full stops.
 * @param {string} text
 * @param {number} size
 * @param {number} variant
 */
function running(text, size, variant) {
  // By characters, for half of one would be none.
  const characters = [...text];
  const start = variant * 11;
  const passage = [...characters.slice(start), ...characters.slice(0, start)].join('');
  // A character has at least one byte.
  const repeated = passage.repeat(Math.ceil(size / characters.length));
  const bytes = new TextEncoder().encode(repeated).subarray(0, size + 1);
  let end = size;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.slice(0, size).fill('.'.charCodeAt(0), end);
}

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
