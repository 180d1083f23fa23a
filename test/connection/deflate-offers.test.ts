// What compression each face offers, what a server may answer, and what is shown of it (RFC 7692 §5, §7.1): over sockets. What an
// answer means in each of its forms is in handshake/permessage-deflate.test.ts.

import { once } from 'node:events';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  AsyncTcpConnection,
  type CompressionOptions,
  type PerMessageDeflateSetting,
  WebSocket,
  type WsimdError,
} from '../../src/index';
import { agreedTo } from '../support/agreed-peer';
import { PeerDeflate } from '../support/compressed-frames';
import { record } from '../support/event-log';
import { answered, correct } from '../support/hostile-peer';
import { RawPeer } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';
import { WebSocket as WebFace, type WebSocketInit } from '../support/web-classes';
import { logOf } from '../support/web-log';

const OFFER = 'permessage-deflate; client_max_window_bits';

function offerIn(request: string): string | undefined {
  return /^sec-websocket-extensions: (.*)\r$/im.exec(request)?.[1];
}

async function offeredFor(setting: PerMessageDeflateSetting): Promise<string | undefined> {
  const { request } = await answered(correct(), (connection) => {
    connection.perMessageDeflate = setting;
  });
  return offerIn(request);
}

describe('perMessageDeflate of AsyncTcpConnection', () => {
  const connection = (): AsyncTcpConnection => new AsyncTcpConnection('ws://127.0.0.1:9');

  it('is false by default, and keeps what it is given', () => {
    expectTypeOf<AsyncTcpConnection['perMessageDeflate']>().toEqualTypeOf<PerMessageDeflateSetting>();
    const one = connection();
    expect(one.perMessageDeflate).toBe(false);
    const options: CompressionOptions = { serverMaxWindowBits: 10 };
    one.perMessageDeflate = options;
    expect(one.perMessageDeflate).toBe(options);
  });

  it.each<[PerMessageDeflateSetting, string | undefined]>([
    [false, undefined],
    [true, OFFER],
    [{}, OFFER],
    [{ serverNoContextTakeover: true }, 'permessage-deflate; server_no_context_takeover; client_max_window_bits'],
    [{ clientNoContextTakeover: true }, 'permessage-deflate; client_no_context_takeover; client_max_window_bits'],
    [{ clientNoContextTakeover: false, clientMaxWindowBits: undefined }, OFFER],
    [
      { serverMaxWindowBits: 8, clientMaxWindowBits: 15 },
      'permessage-deflate; server_max_window_bits=8; client_max_window_bits=15',
    ],
    [{ clientMaxWindowBits: false }, 'permessage-deflate'],
    [
      [{ serverMaxWindowBits: 10 }, {}],
      `permessage-deflate; server_max_window_bits=10; client_max_window_bits, ${OFFER}`,
    ],
    [{ threshold: 0, concurrencyLimit: 10, zlibDeflateOptions: { level: 1, memLevel: 9, strategy: 2 } }, OFFER],
  ])('%j offers %s', async (setting, offer) => {
    expect(await offeredFor(setting)).toBe(offer);
  });

  it.each<[unknown, string]>([
    [
      'yes',
      'perMessageDeflate must be true, false, an object of options or a list of these, not a value of type string.',
    ],
    [null, 'perMessageDeflate must be true, false, an object of options or a list of these, not null.'],
    [[], 'perMessageDeflate must have an offer in its list, or be false.'],
    [[{}, 1], 'perMessageDeflate[1] must be an object of options, not a value of type number.'],
    [{ serverMaxWindowBits: 7 }, 'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15; it is 7.'],
    [
      { serverMaxWindowBits: true },
      'perMessageDeflate.serverMaxWindowBits must be a number, not a value of type boolean.',
    ],
    [
      { clientMaxWindowBits: 16 },
      'perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15; it is 16.',
    ],
    [
      { clientMaxWindowBits: 9.5 },
      'perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15; it is 9.5.',
    ],
    [{ threshold: -1 }, 'perMessageDeflate.threshold must be a whole number of at least 0; it is -1.'],
    [
      { serverNoContextTakeover: 1 },
      'perMessageDeflate.serverNoContextTakeover must be true or false, not a value of type number.',
    ],
    [
      { zlibDeflateOptions: { level: 10 } },
      'perMessageDeflate.zlibDeflateOptions.level must be a whole number from -1 to 9; it is 10.',
    ],
    [{ zlibDeflateOptions: { windowBits: 9 } }, 'perMessageDeflate.zlibDeflateOptions has no windowBits.'],
    [
      { zlibInflateOptions: 1 },
      'perMessageDeflate.zlibInflateOptions must be an object of options, not a value of type number.',
    ],
    [{ severMaxWindowBits: 9 }, 'perMessageDeflate has no severMaxWindowBits.'],
  ])('%j is refused where it is set, and what held before still holds', (setting, sentence) => {
    const one = connection();
    one.perMessageDeflate = true;
    expect(() => {
      one.perMessageDeflate = setting as PerMessageDeflateSetting;
    }).toThrow(sentence);
    expect(one.perMessageDeflate).toBe(true);
  });

  it('a server that does not answer the offer: nothing is compressed, either way', async () => {
    const { connection, peer, log } = await agreedTo(true, '');
    connection.send('plain '.repeat(1000));
    expect((await peer.readFrame()).first).toBe(0x81);
    expect(log.response?.extensions).toBe('');
    peer.write(new PeerDeflate().frame(1, 'compressed'));
    await log.until('error PROTOCOL_ERROR');
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_UNEXPECTED_RSV_1');
  });

  it('of several offers the one that the server answers holds', async () => {
    const offers = [{ serverMaxWindowBits: 9, serverNoContextTakeover: true }, { clientMaxWindowBits: 10 }];
    const { connection, log, peer } = await agreedTo(offers, 'permessage-deflate; client_max_window_bits=9');
    expect(log.response?.extensions).toBe('permessage-deflate; client_max_window_bits=9');
    connection.send('hello');
    expect((await peer.readFrame()).first).toBe(0xc1);
  });

  it('holds from the next attempt on', async () => {
    const server = await rawServer('ws');
    const one = server.client();
    one.perMessageDeflate = true;
    const log = record(one);
    one.connect();
    one.perMessageDeflate = false;
    const peer = await server.peer();
    expect(offerIn(await peer.readHead())).toBe(OFFER);
    peer.socket.destroy();
    await log.until('close 1006');
    one.reConnect(0);
    expect(offerIn(await (await server.peer()).readHead())).toBeUndefined();
  });
});

describe('the drop-in for ws', () => {
  it('offers it by default, and shows what is in use', async () => {
    const { url, server } = await echoServer('ws', { perMessageDeflate: { threshold: 0 } });
    const asked = once(server, 'headers');
    const client = new WebSocket(url);
    await once(client, 'open');
    const [, request] = await asked;
    expect(request.headers['sec-websocket-extensions']).toBe(OFFER);
    expect(client.extensions).toBe('permessage-deflate');
    const message = once(client, 'message');
    client.send('é'.repeat(5_000));
    expect(String((await message)[0])).toBe('é'.repeat(5_000));
    client.close();
    await once(client, 'close');
  });

  it('does not with perMessageDeflate: false', async () => {
    const { url, server } = await echoServer('ws', { perMessageDeflate: true });
    const asked = once(server, 'headers');
    const client = new WebSocket(url, { perMessageDeflate: false });
    await once(client, 'open');
    expect((await asked)[1].headers['sec-websocket-extensions']).toBeUndefined();
    expect(client.extensions).toBe('');
    client.terminate();
  });
});

describe('wsimd/web', () => {
  async function opened(init?: WebSocketInit) {
    const server = await rawServer('ws');
    const socket = init === undefined ? new WebFace(server.url) : new WebFace(server.url, init as never);
    const log = logOf(socket);
    const peer = await server.peer();
    const request = await peer.readHead();
    const isOffered = offerIn(request) !== undefined;
    const headers = isOffered ? ['Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover'] : [];
    peer.write(Buffer.from(RawPeer.answer(request, ...headers)));
    await log.until('open');
    return { socket, log, peer, request };
  }

  it('offers it by default, and shows what the server answers', async () => {
    const { socket, request } = await opened();
    expect(offerIn(request)).toBe(OFFER);
    expect(socket.extensions).toBe('permessage-deflate; server_no_context_takeover');
    socket.close();
  });

  it('does not with perMessageDeflate: false, and takes options', async () => {
    const plain = await opened({ perMessageDeflate: false });
    expect([offerIn(plain.request), plain.socket.extensions]).toEqual([undefined, '']);
    const small = await opened({ perMessageDeflate: { serverNoContextTakeover: true } });
    expect(offerIn(small.request)).toBe('permessage-deflate; server_no_context_takeover; client_max_window_bits');
    expect(() => new WebFace('ws://127.0.0.1:9', { perMessageDeflate: { threshold: -1 } } as never)).toThrow(
      'perMessageDeflate.threshold must be a whole number of at least 0; it is -1.',
    );
  });

  it('tells compressed messages, and counts in bufferedAmount what is sent and not what it is compressed to', async () => {
    const { socket, log, peer } = await opened();
    const deflate = new PeerDeflate({ keepsContext: false });
    peer.write(deflate.frame(1, 'a text'), deflate.frame(2, 'bytes'));
    await log.until('message Blob of 5');
    expect(log.events).toEqual(['open', 'message a text', 'message Blob of 5']);

    const text = 'é and more. '.repeat(500);
    socket.send(text);
    expect(socket.bufferedAmount).toBe(Buffer.byteLength(text));
    socket.send(new Uint8Array(3_000));
    expect(socket.bufferedAmount).toBe(Buffer.byteLength(text) + 3_000);
    socket.send('x'.repeat(200_000));
    expect(socket.bufferedAmount).toBe(Buffer.byteLength(text) + 203_000);
    expect((await peer.readFrame()).payload.length).toBeLessThan(200);
    expect((await peer.readFrame()).payload.length).toBeLessThan(50);
    expect((await peer.readFrame()).payload.length).toBeLessThan(1_000);
    await expect.poll(() => socket.bufferedAmount).toBe(0);
    socket.close();
  });
});
