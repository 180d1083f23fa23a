// `send()`, `bufferedAmount` and `binaryType` of the WHATWG face (WebSockets §3.1), frame by frame.

import { once } from 'node:events';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { BINARY, CLOSE, type ClientFrame, closeFrame, frame, PING, PONG, TEXT } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';
import { oursOnly, type WebSocket } from '../support/web-classes';
import { connecting, logOf, nextData, opened, pair } from '../support/web-log';

/** `text …` or `bytes …`, as the server sees it. */
function lineOf({ first, payload, isMasked }: ClientFrame): string {
  expect(isMasked).toBe(true);
  return first === TEXT ? `text ${payload}` : `${first === BINARY ? 'bytes' : first} ${payload.toString('hex')}`;
}

const BYTES = Uint8Array.from({ length: 16 }, (_, i) => i);
const [LONE_HIGH, LONE_LOW] = ['\ud800', '\udfff'];

describe('the argument of send() (WebIDL: BufferSource or Blob or USVString)', () => {
  test.each([
    ['', 'text '],
    ['text', 'text text'],
    ['äöü€\u{1f600}', 'text äöü€\u{1f600}'],
    [`a${LONE_HIGH}b`, 'text a\ufffdb'],
    [`${LONE_LOW}${LONE_HIGH}`, 'text \ufffd\ufffd'],
    ['\x01', 'text \x01'],
    [7, 'text 7'],
    [-0, 'text 0'],
    [10n, 'text 10'],
    [null, 'text null'],
    [undefined, 'text undefined'],
    [true, 'text true'],
    [{}, 'text [object Object]'],
    [[1, [2, 3]], 'text 1,2,3'],
    [{ toString: () => `of ${LONE_HIGH}` }, 'text of \ufffd'],
    [new String('boxed'), 'text boxed'],
    [new Date(0), `text ${new Date(0)}`],
    [new SharedArrayBuffer(4), 'text [object SharedArrayBuffer]'],
    [new ArrayBuffer(0), 'bytes '],
    [BYTES.slice().buffer, `bytes ${Buffer.from(BYTES).toString('hex')}`],
    [BYTES, `bytes ${Buffer.from(BYTES).toString('hex')}`],
    [BYTES.subarray(3, 6), 'bytes 030405'],
    [BYTES.subarray(3, 3), 'bytes '],
    [new Uint8ClampedArray([1, 300]), 'bytes 01ff'],
    [new Int8Array([-1]), 'bytes ff'],
    [new Uint16Array(BYTES.slice().buffer, 2, 1), 'bytes 0203'],
    [new Int32Array([1]), 'bytes 01000000'],
    [new Float64Array([1]), 'bytes 000000000000f03f'],
    [new BigUint64Array([1n]), 'bytes 0100000000000000'],
    [new DataView(BYTES.slice().buffer, 14), 'bytes 0e0f'],
    [Buffer.from('text'), 'bytes 74657874'],
    [runInNewContext('new Uint8Array([1, 2])'), 'bytes 0102'],
    [runInNewContext('new Uint8Array([1, 2]).buffer'), 'bytes 0102'],
    [{ [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 4 }, 'text [object ArrayBuffer]'],
    [new Blob([]), 'bytes '],
    [new Blob(['text', BYTES.subarray(0, 2)]), 'bytes 746578740001'],
    [new Blob(['text'], { type: 'text/plain' }).slice(1, 3), 'bytes 6578'],
  ])('%s leaves as %j', async (data, line) => {
    const { webSocket, peer } = await pair();
    webSocket.send(data as string);
    expect(lineOf(await peer.readFrame())).toBe(line);
  });

  test('none is a TypeError, in each state', async () => {
    const { webSocket, peer } = await pair();
    const send = webSocket.send as () => void;
    expect(() => send.call(webSocket)).toThrow(TypeError);
    expect(() => send.call(connecting('ws://127.0.0.1:1'))).toThrow(TypeError);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await once(webSocket, 'close');
    expect(() => send.call(webSocket)).toThrow(TypeError);
  });

  test.each([[Symbol('a')], [Object.create(null)], [{ toString: () => ({}), valueOf: () => ({}) }]])(
    'what has no string is a TypeError (%#), and nothing is sent',
    async (data) => {
      const { webSocket, peer } = await pair();
      expect(() => webSocket.send(data as string)).toThrow(TypeError);
      webSocket.send('next');
      expect(lineOf(await peer.readFrame())).toBe('text next');
    },
  );

  oursOnly('undici takes it')('a view of a SharedArrayBuffer is a TypeError: no [AllowShared]', async () => {
    const { webSocket } = await pair();
    expect(() => webSocket.send(new Uint8Array(new SharedArrayBuffer(4)) as never)).toThrow(TypeError);
    expect(() => webSocket.send(new DataView(new SharedArrayBuffer(4)) as never)).toThrow(TypeError);
    expect(() => webSocket.send(runInNewContext('new Uint8Array(new SharedArrayBuffer(4))'))).toThrow(TypeError);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  oursOnly('undici takes it')('a buffer that may be resized is a TypeError: no [AllowResizable]', async () => {
    const { webSocket } = await pair();
    const resizable = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer;
    expect(() => webSocket.send(resizable)).toThrow(TypeError);
    expect(() => webSocket.send(new Uint8Array(resizable))).toThrow(TypeError);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  oursOnly('undici sends some of them')(
    'a buffer that was transferred is a TypeError: nothing leaves for it',
    async () => {
      const { webSocket, peer } = await pair();
      const buffer = new ArrayBuffer(4);
      const views = [new Uint8Array(buffer), new DataView(buffer), new Float32Array(buffer), Buffer.from(buffer)];
      structuredClone(buffer, { transfer: [buffer] });
      for (const data of [buffer, ...views])
        expect(() => webSocket.send(data as never)).toThrow(/^The ArrayBuffer is detached/);
      webSocket.send(new ArrayBuffer(0));
      expect(lineOf(await peer.readFrame())).toBe('bytes ');
      expect(webSocket.bufferedAmount).toBe(0);
    },
  );

  test('is converted once', async () => {
    const { webSocket, peer } = await pair();
    let count = 0;
    webSocket.send({
      toString: () => {
        count += 1;
        return `${count}`;
      },
    } as unknown as string);
    expect([lineOf(await peer.readFrame()), count]).toEqual(['text 1', 1]);
  });

  oursOnly('undici sends what a buffer has when it leaves')('is what it was at the call', async () => {
    const { webSocket, peer } = await pair();
    const bytes = Uint8Array.of(1, 2, 3);
    webSocket.send(new Blob(['first']));
    webSocket.send(bytes);
    webSocket.send(bytes.buffer);
    bytes.fill(9);
    const lines = [];
    for (let i = 0; i < 3; i += 1) lines.push(lineOf(await peer.readFrame()));
    expect(lines).toEqual(['bytes 6669727374', 'bytes 010203', 'bytes 010203']);
  });
});

describe('messages leave in the order of their calls (WebSockets §3.1)', () => {
  test('Blobs among them', async () => {
    const { webSocket, peer } = await pair();
    const big = 'b'.repeat(100_000);
    webSocket.send('1');
    webSocket.send(new Blob([big]));
    webSocket.send('2');
    webSocket.send(new Blob(['3']));
    webSocket.send(Uint8Array.of(4));
    webSocket.send('5');
    const lines = [];
    for (let i = 0; i < 6; i += 1) lines.push(lineOf(await peer.readFrame()).slice(0, 20));
    expect(lines).toEqual(['text 1', 'bytes 62626262626262', 'text 2', 'bytes 33', 'bytes 04', 'text 5']);
  });

  oursOnly('undici closes in front of Blobs')('and the close frame behind them, also behind a Blob', async () => {
    const { webSocket, peer } = await pair();
    webSocket.send(new Blob(['blob']));
    webSocket.send('text');
    webSocket.close(1000);
    const frames = [await peer.readFrame(), await peer.readFrame(), await peer.readFrame()];
    expect(frames.map(({ first }) => first)).toEqual([BINARY, TEXT, CLOSE]);
  });
});

describe('send() in each state', () => {
  test('connecting: InvalidStateError, behind the conversion', async () => {
    const webSocket = connecting('ws://127.0.0.1:1');
    for (const data of ['a', '', new Blob(['a']), BYTES, new ArrayBuffer(1)]) {
      expect(() => webSocket.send(data)).toThrow(expect.objectContaining({ name: 'InvalidStateError', code: 11 }));
    }
    expect(() => webSocket.send('a')).toThrow(DOMException);
    expect(() => webSocket.send(Symbol('a') as never)).toThrow(TypeError);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  test('closing and closed: nothing leaves', async () => {
    const { webSocket, peer } = await pair();
    webSocket.close(1000);
    webSocket.send('late');
    webSocket.send(new Blob(['late']));
    webSocket.send(BYTES);
    expect((await peer.readFrame()).first).toBe(CLOSE);
    peer.write(closeFrame(1000));
    const ended = peer.end();
    peer.socket.end();
    await once(webSocket, 'close');
    webSocket.send('late');
    await ended;
  });

  test('in the events open and message: at once', async () => {
    const server = await echoServer('ws');
    const webSocket = connecting(server.url);
    const log = logOf(webSocket);
    webSocket.onopen = () => webSocket.send('1');
    webSocket.onmessage = ({ data }) => data === '1' && webSocket.send('2');
    await log.until('message 2');
    expect(log.events).toEqual(['open', 'message 1', 'message 2']);
  });
});

/** Resolves when all that was sent has left. */
async function drained(webSocket: WebSocket): Promise<void> {
  webSocket.send('flush');
  await nextData(webSocket);
}

describe('bufferedAmount (WebSockets §3.1: "the number of bytes … does not include framing overhead")', () => {
  test.each([
    ['', 0],
    ['text', 4],
    ['ä€\u{1f600}', 9],
    [LONE_HIGH, 3],
    ['x'.repeat(125), 125],
    ['x'.repeat(126), 126],
    ['ä'.repeat(63), 126],
    ['x'.repeat(65_535), 65_535],
    ['x'.repeat(65_536), 65_536],
    ['€'.repeat(30_000), 90_000],
    [new ArrayBuffer(7), 7],
    [BYTES.subarray(1, 4), 3],
    [new Blob(['ä€']), 5],
    [new Blob([]), 0],
  ])('grows with send() by the bytes of its data (%#), and is 0 when they have left', async (data, size) => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    webSocket.send(data as string);
    expect(webSocket.bufferedAmount).toBe(size);
    await nextData(webSocket);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  test('is the sum of all that waits, text and bytes and Blobs', async () => {
    const server = await rawServer('ws');
    const [webSocket, peer] = await Promise.all([opened(server.url), server.acceptedPeer()]);
    const amounts = ['ab', BYTES, new Blob(['abc']), '', new ArrayBuffer(1000), 'ä'].map((data) => {
      webSocket.send(data);
      return webSocket.bufferedAmount;
    });
    expect(amounts).toEqual([2, 18, 21, 21, 1021, 1023]);
    for (let i = 0; i < 6; i += 1) await peer.readFrame();
  });

  test('is 0 behind a large message', async () => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    webSocket.send(new Uint8Array(3_000_000));
    expect(webSocket.bufferedAmount).toBe(3_000_000);
    await nextData(webSocket);
    await drained(webSocket);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  oursOnly('undici counts nothing then')(
    'grows by what is sent behind close(), and never shrinks (§3.1 step 2)',
    async () => {
      const server = await echoServer('ws');
      const webSocket = await opened(server.url);
      webSocket.close();
      const amounts = ['ab', BYTES, new Blob(['abc']), '€'].map((data) => {
        webSocket.send(data);
        return webSocket.bufferedAmount;
      });
      expect(amounts).toEqual([2, 18, 21, 24]);
      await once(webSocket, 'close');
      expect(webSocket.bufferedAmount).toBe(24);
      webSocket.send('abc');
      expect(webSocket.bufferedAmount).toBe(27);
    },
  );

  test('is not changed by pings and their answers', async () => {
    const { webSocket, peer } = await pair();
    const ponged = peer.readFrameOf(PONG);
    peer.write(frame(PING, 'a'), frame(TEXT, 'b'));
    await nextData(webSocket);
    await ponged;
    expect(webSocket.bufferedAmount).toBe(0);
  });
});
