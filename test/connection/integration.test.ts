// Messages of every kind and size, against a server of the npm package `ws`, in the clear and over TLS: what the server
// gets is what was sent, byte by byte, and what it sends comes out as it went in.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { RawData } from 'ws';
import { type BinaryData, Ws } from '../../src/index';
import { mostKept } from '../support/buffers';
import { record } from '../support/event-log';
import { echoServer, SCHEMES, wsServer } from '../support/servers';

const MiB = 1024 * 1024;
/** Around every boundary of the length field (RFC 6455 §5.2), and beyond every block and window of the library. */
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, MiB];

const ALPHABETS = { ASCII: 'The quick brown fox. ', Korean: '다람쥐 헌 쳇바퀴에 타고파. ', emoji: '🦊🐶👩‍💻🇰🇷' };

/** A text of exactly so many bytes of UTF-8. */
function textOf(alphabet: string, size: number): string {
  const unit = Buffer.byteLength(alphabet);
  const text = alphabet.repeat(Math.floor(size / unit));
  return text + '.'.repeat(size - Buffer.byteLength(text));
}

/** Bytes without a pattern that a wrong mask or a lost piece could hide behind. */
function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0, state = size + 1; i < size; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Compares without printing megabytes when it fails. */
function expectSame(received: string | Uint8Array | RawData | undefined, sent: string | Uint8Array): void {
  const [one, other] = [received, sent].map((data) => Buffer.from(data as Uint8Array));
  expect(one!.length).toBe(other!.length);
  expect(one!.equals(other!)).toBe(true);
}

describe.each(SCHEMES)('over %s', (scheme) => {
  /** Sends one message to an echo server; what the server got, and what came back. */
  async function echoed(
    message: string | BinaryData,
    maxPackageSize = 10 * MiB,
    websocketType: (typeof Ws)[keyof typeof Ws] = Ws.BINARY_TYPE_BLOB,
  ): Promise<{ atServer: RawData; wasBinary: boolean; back: string | Uint8Array }> {
    const server = await echoServer(scheme);
    const connection = server.client();
    connection.maxPackageSize = maxPackageSize;
    connection.websocketType = websocketType;
    const log = record(connection, { onWebSocketConnect: () => connection.send(message) });
    connection.connect();
    const socket = await server.nextSocket();
    const [atServer, wasBinary] = (await once(socket, 'message')) as [RawData, boolean];
    await log.until(({ messages }) => messages.length === 1);
    return { atServer, wasBinary, back: log.messages[0]! };
  }

  describe.each(Object.entries(ALPHABETS))('text in %s', (_, alphabet) => {
    it.each(SIZES)('%i bytes', async (size) => {
      const text = textOf(alphabet, size);
      const { atServer, wasBinary, back } = await echoed(text);
      expect(wasBinary).toBe(false);
      expectSame(atServer, text);
      expect(back).toBeTypeOf('string');
      expectSame(back, text);
    });
  });

  describe('binary', () => {
    it.each(SIZES)('%i bytes', async (size) => {
      const bytes = bytesOf(size);
      const { atServer, wasBinary, back } = await echoed(bytes);
      expect(wasBinary).toBe(true);
      expectSame(atServer, bytes);
      expect(back).toBeInstanceOf(Uint8Array);
      expectSame(back, bytes);
    });
  });

  it('32 MiB of text and of bytes, with maxPackageSize raised', async () => {
    const text = textOf(ALPHABETS.Korean, 32 * MiB);
    const bytes = bytesOf(32 * MiB);
    expectSame((await echoed(text, 32 * MiB)).back, text);
    expectSame((await echoed(bytes, 32 * MiB)).back, bytes);
  });

  it('strings as binary frames with BINARY_TYPE_ARRAYBUFFER', async () => {
    for (const text of ['', 'abc', '다람쥐', textOf(ALPHABETS.emoji, MiB)]) {
      const { atServer, wasBinary, back } = await echoed(text, MiB, Ws.BINARY_TYPE_ARRAYBUFFER);
      expect(wasBinary).toBe(true);
      expectSame(atServer, text);
      expect(back).toBeInstanceOf(Uint8Array);
      expectSame(back, text);
    }
  });

  it('whatever holds bytes, from its offset to its end', async () => {
    const bytes = bytesOf(4096);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    const cases: [BinaryData, Uint8Array][] = [
      [bytes.subarray(3, 1000), bytes.slice(3, 1000)],
      [Buffer.from(bytes.buffer, 5, 500), bytes.slice(5, 505)],
      [new Uint16Array(bytes.buffer, 2, 100), bytes.slice(2, 202)],
      [new Float64Array(bytes.buffer, 8, 100), bytes.slice(8, 808)],
      [new DataView(bytes.buffer, 7, 77), bytes.slice(7, 84)],
      [bytes.buffer, bytes],
      [shared, bytes],
      [new Uint8Array(shared, 1, 126), bytes.slice(1, 127)],
    ];
    for (const [data, expected] of cases) {
      const { atServer, wasBinary } = await echoed(data);
      expect(wasBinary).toBe(true);
      expectSame(atServer, expected);
    }
  });

  it('replaces lone surrogates by U+FFFD, as TextEncoder does', async () => {
    const long = 'long enough for the other ways to write a text, and 다람쥐 as well ';
    const texts = ['\ud800', 'a\udc00b', '\udc00\ud800', 'high at the end \ud83e', `${long}\ud83e`, `\udd8a${long}`];
    for (const text of [...texts, `${long.repeat(4000)}\ud83e${long}`]) {
      const { atServer, back } = await echoed(text);
      expectSame(atServer, new TextEncoder().encode(text));
      expectSame(back, text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
    }
  });

  it('copies what it sends: the bytes may change as soon as send() has returned', async () => {
    const server = await echoServer(scheme);
    const connection = server.client();
    const originals = [10, 1000, 300_000].map(bytesOf);
    const log = record(connection, {
      onWebSocketConnect: () => {
        for (const original of originals) {
          const bytes = original.slice();
          connection.send(bytes);
          bytes.fill(0);
        }
      },
    });
    connection.connect();
    await log.until(({ messages }) => messages.length === originals.length);
    for (const [i, original] of originals.entries()) expectSame(log.messages[i], original);
  });

  it('puts fragments together, with pings between them and cuts inside a character', async () => {
    const text = '다람쥐 🦊 fox';
    const bytes = bytesOf(200_000);
    const server = await wsServer(scheme, (socket) => {
      for (const byte of Buffer.from(text)) {
        socket.send(Buffer.of(byte), { binary: false, fin: false });
        socket.ping();
      }
      socket.send('', { fin: true });
      for (let at = 0; at < bytes.length; at += 7001) {
        const end = at + 7001;
        socket.send(bytes.subarray(at, end), { binary: true, fin: end >= bytes.length });
      }
      socket.send('', { fin: false });
      socket.send('', { fin: true });
    });
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await log.until(({ messages }) => messages.length === 3);
    expect(log.messages[0]).toBe(text);
    expectSame(log.messages[1], bytes);
    expect(log.messages[2]).toBe('');
  });

  it('hands out bytes that stay as they are, share none with each other, and keep no large memory alive', async () => {
    const originals = Array.from({ length: 500 }, (_, i) => bytesOf(i * 10));
    const server = await wsServer(scheme, (socket) => {
      for (const original of originals) socket.send(original);
    });
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await log.until(({ messages }) => messages.length === originals.length);
    for (const [i, message] of log.messages.entries()) {
      expectSame(message, originals[i]!);
      expect((message as Uint8Array).buffer.byteLength).toBeLessThanOrEqual(mostKept(message.length));
      // The next comparison would see a byte of its own among these.
      (message as Uint8Array).fill(0);
    }
  });
});
