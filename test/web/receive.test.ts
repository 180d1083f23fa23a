// What messages a WebSocket of the WHATWG face tells, and as what (WebSockets §4 "when a WebSocket message has been received").

import { describe, expect, test } from 'vitest';
import { BINARY, frame, PING, PONG, TEXT } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';
import { oursOnly, type WebSocket } from '../support/web-classes';
import { connecting, logOf, nextData, opened, pair } from '../support/web-log';

const CONTINUATION = 0x00;
const FIN_CONTINUATION = 0x80;

/** The bytes of a Blob or an ArrayBuffer. */
async function bytesOf(data: unknown): Promise<Uint8Array> {
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : (data as ArrayBuffer));
}

async function received(type: 'blob' | 'arraybuffer', ...frames: Buffer[]): Promise<unknown> {
  const { webSocket, peer } = await pair();
  webSocket.binaryType = type;
  const next = nextData(webSocket);
  peer.write(...frames);
  return next;
}

describe.each(['blob', 'arraybuffer'] as const)('binaryType %s', (type) => {
  const Class = type === 'blob' ? Blob : ArrayBuffer;

  test.each([0, 1, 125, 126, 65_535, 65_536, 1_000_000])('gives messages of %i bytes as that', async (length) => {
    const bytes = Buffer.alloc(length, 'wsimd');
    const data = await received(type, frame(BINARY, bytes));
    expect(data).toBeInstanceOf(Class);
    expect(Buffer.compare(await bytesOf(data), bytes)).toBe(0);
  });

  test('gives text as strings', async () => {
    expect(await received(type, frame(TEXT, 'text'))).toBe('text');
  });

  test('gives messages in fragments as one', async () => {
    const fragments = [frame(0x02, 'ab'), frame(CONTINUATION), frame(CONTINUATION, 'c'), frame(FIN_CONTINUATION, 'd')];
    expect(Buffer.from(await bytesOf(await received(type, ...fragments))).toString()).toBe('abcd');
  });

  test('gives each message bytes of its own', async () => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    webSocket.binaryType = type;
    const kept: unknown[] = [];
    webSocket.addEventListener('message', ({ data }) => kept.push(data));
    const log = logOf(webSocket);
    for (let i = 0; i < 50; i += 1) webSocket.send(new Uint8Array(100).fill(i));
    webSocket.send('end');
    await log.until('message end');
    const first = await Promise.all(kept.slice(0, 50).map(async (data) => (await bytesOf(data))[99]));
    expect(first).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(
      kept.slice(0, 50).every((data) => (data instanceof Blob ? data.size : (data as ArrayBuffer).byteLength) === 100),
    ).toBe(true);
  });
});

describe('Blobs', () => {
  test('have no type', async () => {
    expect(((await received('blob', frame(BINARY, 'a'))) as Blob).type).toBe('');
  });
});

describe('ArrayBuffers', () => {
  test('may be written to, and transferred', async () => {
    const buffer = (await received('arraybuffer', frame(BINARY, 'ab'))) as ArrayBuffer;
    new Uint8Array(buffer)[0] = 1;
    expect(new Uint8Array(structuredClone(buffer, { transfer: [buffer] }))).toEqual(Uint8Array.of(1, 0x62));
    expect(buffer.byteLength).toBe(0);
  });
});

test('binaryType is what it is when a message comes, not when it was sent (WebSockets §3.1)', async () => {
  const { webSocket, peer } = await pair();
  const log = logOf(webSocket);
  const types: BinaryType[] = ['arraybuffer', 'blob', 'arraybuffer', 'arraybuffer'];
  webSocket.addEventListener('message', () => {
    webSocket.binaryType = types.shift()!;
  });
  peer.write(...['a', 'bc', 'def', 'ghij'].map((text) => frame(BINARY, text)));
  await log.until('message <4 bytes>');
  expect(log.events).toEqual(['message Blob of 1', 'message <2 bytes>', 'message Blob of 3', 'message <4 bytes>']);
});

describe('text (RFC 6455 §5.6)', () => {
  test.each(['', 'a', 'äöü', '€', '\u{1f600}', '\0', '\ufffd', 'x'.repeat(65_536), 'ä'.repeat(500_000)])(
    'is told as it was sent (%#)',
    async (text) => {
      expect(await received('blob', frame(TEXT, text))).toBe(text);
    },
  );

  oursOnly('undici takes it away')('is told with a byte order mark in front', async () => {
    expect(await received('blob', frame(TEXT, '\ufefftext'))).toBe('\ufefftext');
  });

  test('in fragments that divide a character is told as one', async () => {
    const bytes = Buffer.from('a\u{1f600}b');
    const fragments = [frame(0x01, bytes.subarray(0, 3)), frame(CONTINUATION, bytes.subarray(3, 4))];
    expect(await received('blob', ...fragments, frame(FIN_CONTINUATION, bytes.subarray(4)))).toBe('a\u{1f600}b');
  });

  test('byte by byte is told as one', async () => {
    const { webSocket, peer } = await pair();
    const next = nextData(webSocket);
    await peer.trickle(frame(TEXT, 'slow'));
    expect(await next).toBe('slow');
  });
});

describe('control frames (RFC 6455 §5.5) fire no event', () => {
  /** Each event of the WebSocket until the next message. */
  async function heard(webSocket: WebSocket, send: () => void): Promise<readonly string[]> {
    const log = logOf(webSocket);
    send();
    await log.until('message end');
    return log.events;
  }

  test.each(['', 'payload', 'x'.repeat(125)])('a ping of %j is answered with that', async (payload) => {
    const { webSocket, peer } = await pair();
    expect(await heard(webSocket, () => peer.write(frame(PING, payload), frame(TEXT, 'end')))).toEqual(['message end']);
    expect((await peer.readFrameOf(PONG)).payload.toString()).toBe(payload);
  });

  test('a ping within a message in fragments is answered, and the message is whole', async () => {
    const { webSocket, peer } = await pair();
    const frames = [frame(0x01, 'e'), frame(PING, 'p'), frame(FIN_CONTINUATION, 'nd')];
    expect(await heard(webSocket, () => peer.write(...frames))).toEqual(['message end']);
    expect((await peer.readFrameOf(PONG)).payload.toString()).toBe('p');
  });

  test('a pong that nobody asked for is passed over', async () => {
    const { webSocket, peer } = await pair();
    expect(await heard(webSocket, () => peer.write(frame(PONG, 'p'), frame(TEXT, 'end')))).toEqual(['message end']);
  });

  test('a ping in the segment of the answer is answered', async () => {
    const server = await rawServer('ws');
    const log = logOf(connecting(server.url));
    const peer = await server.peer();
    await peer.accept(frame(PING, 'early'), frame(TEXT, 'end'));
    expect((await peer.readFrameOf(PONG)).payload.toString()).toBe('early');
    await log.until('message end');
    expect(log.events).toEqual(['open', 'message end']);
  });
});
