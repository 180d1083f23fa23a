// SHA-1 (FIPS 180-4 §6.1), synchronous and small. It owns the hash of a few dozen bytes, once per handshake, and knows
// nothing of WebSockets. It exists because node:crypto is absent from some runtimes and crypto.subtle answers only
// asynchronously. RFC 6455 §10.8: the handshake needs none of SHA-1's security properties; do not use it for anything
// that does.

const BLOCK_BYTES = 64;

/** The SHA-1 digest of a short message: 20 bytes. */
export function sha1(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = pad(message);
  const schedule = new Int32Array(80);
  // Whose elements wrap around as the standard adds.
  const hash = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  for (let block = 0; block < padded.byteLength; block += BLOCK_BYTES) {
    for (let t = 0; t < 16; t += 1) schedule[t] = padded.getInt32(block + t * 4);
    for (let t = 16; t < 80; t += 1) {
      schedule[t] = rotateLeft(schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!, 1);
    }
    let [a, b, c, d, e] = hash as unknown as [number, number, number, number, number];
    for (let t = 0; t < 80; t += 1) {
      const next = (rotateLeft(a, 5) + mix(t, b, c, d) + e + schedule[t]!) | 0;
      e = d;
      d = c;
      c = rotateLeft(b, 30);
      b = a;
      a = next;
    }
    [a, b, c, d, e].forEach((word, place) => {
      hash[place]! += word;
    });
  }
  const digest = new DataView(new ArrayBuffer(20));
  hash.forEach((word, place) => {
    digest.setInt32(place * 4, word);
  });
  return new Uint8Array(digest.buffer);
}

/** The message, a 1 bit, zeros, and the length in bits as a 64-bit integer, here of 32: whole blocks (FIPS 180-4 §5.1.1). */
function pad(message: Uint8Array): DataView {
  const blocks = Math.floor((message.length + 8) / BLOCK_BYTES) + 1;
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, message.length * 8);
  return view;
}

/** f_t(b, c, d) + K_t (FIPS 180-4 §4.1.1, §4.2.1). */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) ^ (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
