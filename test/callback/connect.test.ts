// connect(): what it sets, when it resolves, and that nothing is left where it rejects.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { CALLBACKS } from '../../src/callback/callbacks';
import { AsyncTcpConnection, type ConnectOptions, connect, HandshakeError, Ws, type WsimdError } from '../../src/index';
import { SOON } from '../support/policies';
import { frame, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, type RawTestServer, rawServer, SCHEMES, trust } from '../support/servers';
import { unheard } from '../support/unheard';

async function refuse(server: RawTestServer): Promise<void> {
  const peer = await server.peer();
  await peer.readHead();
  peer.socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
}

describe.each(SCHEMES)('connect() over %s', (scheme) => {
  it('resolves with a connection that is open', async () => {
    const server = await echoServer(scheme);
    const connection = await connect(server.url, await trust(scheme));
    onTestFinished(() => connection.destroy());
    expectTypeOf(connection).toEqualTypeOf<AsyncTcpConnection>();
    expect(connection).toBeInstanceOf(AsyncTcpConnection);
    expect(connection.getStatus(false)).toBe('ESTABLISHED');
    expect(connection.send('echo')).toBe(true);
    for await (const message of connection) {
      expect(message).toBe('echo');
      break;
    }
    expect(connection.getStatus(false)).toBe('CLOSED');
  });
});

describe('connect()', () => {
  it('loses nothing of what comes along with the answer', async () => {
    const server = await rawServer('ws');
    const peer = server.peer().then((one) => one.accept(frame(TEXT, 'one'), frame(TEXT, 'two')));
    const connection = await connect(server.url);
    onTestFinished(() => connection.destroy());
    const messages = connection.messages();
    expect([(await messages.next()).value, (await messages.next()).value]).toEqual(['one', 'two']);
    await peer;
  });

  it('takes the options of the constructor, and whatever can be set, by its name', async () => {
    const server = await rawServer('ws');
    const told: string[] = [];
    const asked: string[] = [];
    const context = { room: 7 };
    const values = {
      transport: 'tcp',
      headers: { 'X-Token': 'secret' },
      websocketOrigin: 'https://example.org',
      websocketClientProtocol: ['chat'],
      websocketType: Ws.BINARY_TYPE_ARRAYBUFFER,
      websocketPingInterval: 5,
      websocketPingTimeout: 3,
      maxSendBufferSize: 1_000,
      maxPackageSize: 2_000,
      maxFragments: 10,
      binaryDelivery: 'borrow',
      perMessageDeflate: true,
      connectTimeout: 7,
      closeTimeout: 3,
      lingerTimeout: 0.5,
      context,
    } as const;
    const answered = (async () => {
      const peer = await server.peer();
      const head = await peer.readHead();
      peer.write(
        Buffer.from((await import('../support/raw-peer')).RawPeer.answer(head, 'Sec-WebSocket-Protocol: chat')),
      );
      return head;
    })();
    const connection = await connect(server.url.replace('127.0.0.1', 'nowhere.test'), {
      ...values,
      reconnectPolicy: { maxRetries: 3 },
      websocketPingInterval: 5,
      proxyHttp: undefined,
      onReconnect: null,
      onConnect: (self) => void told.push(`connect ${self.getStatus(false)}`),
      onWebSocketConnect: (_, response) => void told.push(`open ${response.status}`),
      onMessage: (_, data, isBinary) => void told.push(isBinary ? `${data.byteLength}` : data.toUpperCase()),
      lookup: (hostname, options, callback) => {
        asked.push(hostname);
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      },
    });
    onTestFinished(() => connection.destroy());
    const head = await answered;
    for (const line of ['X-Token: secret', 'Origin: https://example.org', 'Sec-WebSocket-Protocol: chat']) {
      expect(head).toContain(line);
    }
    expect(asked).toEqual(['nowhere.test']);
    expect(told).toEqual(['connect CONNECTING', 'open 101']);
    expect(connection).toMatchObject(values);
    expect(connection.context).toBe(context);
    expect(connection.reconnectPolicy).toMatchObject({ maxRetries: 3 });
  });

  it('takes every property that can be set, and every callback', async () => {
    const prototype = AsyncTcpConnection.prototype;
    const settable = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
      ([, { set }]) => set !== undefined,
    );
    const names = settable.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining([...CALLBACKS]));
    expectTypeOf<'onClose' | 'headers' | 'context' | 'ca' | 'signal' | 'proxyHttp'>().toExtend<keyof ConnectOptions>();
    expectTypeOf<
      Extract<'id' | 'latency' | 'bytesRead' | 'opened' | 'closed' | 'send' | 'on', keyof ConnectOptions>
    >().toBeNever();
    const port = await closedPort();
    for (const name of names) {
      const value = new AsyncTcpConnection('ws://127.0.0.1')[name as keyof AsyncTcpConnection];
      await expect(connect(`ws://127.0.0.1:${port}`, { [name]: value })).rejects.toMatchObject({
        code: 'WS_ERR_CONNECT',
      });
    }
  });

  it('has a transport by both of its meanings', async () => {
    const { port } = await echoServer('ws');
    const tls = connect(`ws://127.0.0.1:${port}`, { transport: 'ssl' });
    await expect(tls).rejects.toMatchObject({ code: 'WS_ERR_TLS' });
    const pipe = connect('ws://127.0.0.1', {
      transport: () => {
        throw new Error('no pipe');
      },
    });
    await expect(pipe).rejects.toMatchObject({ code: 'WS_ERR_CONNECT', message: expect.stringContaining('no pipe') });
  });

  it.each([
    [{ onMesage: () => {} }, 'options has no onMesage. Did you mean onMessage?'],
    [{ reconectPolicy: {} }, 'options has no reconectPolicy. Did you mean reconnectPolicy?'],
    [{ servernam: 'a' }, 'options has no servernam. Did you mean servername?'],
    [{ bytesRead: 5 }, /options has no bytesRead/],
    [{ send: () => {} }, /options has no send/],
    [JSON.parse('{ "__proto__": {} }'), /options has no __proto__/],
    [{ headers: { 'a b': 'c' } }, /a b/],
    [{ connectTimeout: '5' }, /^connectTimeout must be/],
    [{ onClose: 'log' }, /^onClose must be a function/],
    [null, 'options must be an object of options, not null.'],
    ['options', /^options must be an object/],
  ])('%j: rejects, and never connects', async (options, message) => {
    const server = await rawServer('ws');
    const error = await connect(server.url, options as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    if (typeof message === 'string') expect((error as Error).message).toBe(message);
    else expect((error as Error).message).toMatch(message);
    expect([server.count, AsyncTcpConnection.connections.size]).toEqual([0, 0]);
  });

  it.each([
    ['http://127.0.0.1', /scheme/],
    [5 as never, /url/],
  ])('of %j rejects', async (url, message) => {
    await expect(connect(url)).rejects.toThrow(message);
  });
});

describe('connect() rejects with the reason, and leaves nothing,', () => {
  it('where the server refuses', async () => {
    const nobodys = unheard();
    const server = await rawServer('ws');
    const told: string[] = [];
    const refused = refuse(server);
    const error: unknown = await connect(server.url, {
      lingerTimeout: 0.02,
      onError: (_, code) => void told.push(`error ${code}`),
      onClose: (_, { code }) => void told.push(`close ${code}`),
    }).catch((reason: unknown) => reason);
    await refused;
    expect(error).toBeInstanceOf(HandshakeError);
    expect((error as HandshakeError).response.status).toBe(403);
    expect(told).toEqual([`error ${AsyncTcpConnection.HANDSHAKE_FAIL}`, 'close 1006']);
    expect(AsyncTcpConnection.connections.size).toBe(0);
    expect(nobodys).toEqual([]);
  });

  it('where its signal is aborted', async () => {
    const server = await rawServer('ws');
    const reason = new Error('enough');
    const controller = new AbortController();
    const attempt = connect(server.url, { signal: controller.signal });
    await server.peer();
    controller.abort(reason);
    const error: WsimdError = await attempt.then(
      () => expect.fail(),
      (given) => given,
    );
    expect([error.code, error.cause]).toEqual(['WS_ERR_ABORTED', reason]);
    expect(AsyncTcpConnection.connections.size).toBe(0);
  });

  it('where a callback gives it up', async () => {
    const server = await rawServer('ws');
    await expect(connect(server.url, { onConnect: (self) => self.close() })).rejects.toMatchObject({
      code: 'WS_ERR_CLOSED',
    });
  });

  it('not before the policy has given up, and not at all if an attempt succeeds', async () => {
    const server = await rawServer('ws');
    const events: string[] = [];
    const options: ConnectOptions = {
      reconnectPolicy: { ...SOON, maxRetries: 2, shouldReconnect: () => true },
      lingerTimeout: 0.02,
      onClose: (_, { attempt }) => void events.push(`${attempt}`),
    };
    const failing = connect(server.url, options);
    await refuse(server);
    await refuse(server);
    await refuse(server);
    await expect(failing).rejects.toBeInstanceOf(HandshakeError);
    expect(events).toEqual(['0', '1', '2']);
    const succeeding = connect(server.url, options);
    await refuse(server);
    await server.acceptedPeer();
    const connection = await succeeding;
    expect(connection.getStatus(false)).toBe('ESTABLISHED');
    connection.destroy();
    await setImmediate();
    expect(AsyncTcpConnection.connections.size).toBe(0);
  });
});
