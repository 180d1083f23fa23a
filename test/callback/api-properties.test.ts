// The properties of AsyncTcpConnection that say what it is and what its handshake asks for, one test for each, named by what the
// documentation says of it: its name, its default, and what it does, once. Other files test each of them deeply.

import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type Headers, type Protocols, type Provider, type WsimdError } from '../../src/index';
import { record } from '../support/event-log';
import { RawPeer } from '../support/raw-peer';
import { echoServer, rawServer, trust } from '../support/servers';

type Connection = AsyncTcpConnection;

function unconnected(): AsyncTcpConnection {
  return new AsyncTcpConnection('ws://127.0.0.1:9');
}

/** The head of the request of a connection with these settings. */
async function requestOf(configure: (connection: AsyncTcpConnection) => void): Promise<string> {
  const server = await rawServer('ws');
  const connection = server.client();
  configure(connection);
  connection.connect();
  return (await server.peer()).readHead();
}

const codeOf = (error: unknown): string => (error as WsimdError).code;

describe('properties of the object', () => {
  it('id: 1, 2, … per process', () => {
    const one = unconnected();
    expectTypeOf<Connection['id']>().toEqualTypeOf<number>();
    expect(Number.isInteger(one.id) && one.id >= 1).toBe(true);
    expect(unconnected().id).toBe(one.id + 1);
  });

  it('context: {}, the user’s own bag, kept across reconnects', async () => {
    const connection = (await echoServer('ws')).client();
    expectTypeOf<Connection['context']>().toEqualTypeOf<Record<string, unknown>>();
    expect(connection.context).toEqual({});
    connection.context.mine = 5;
    const log = record(connection);
    for (const times of [1, 2]) {
      connection.connect();
      await log.until('open 101', times);
      connection.destroy();
    }
    expect(connection.context).toEqual({ mine: 5 });
  });

  it('latency: undefined, then the last ping round trip, seconds', async () => {
    const connection = (await echoServer('ws')).client();
    expectTypeOf<Connection['latency']>().toEqualTypeOf<number | undefined>();
    expect(connection.latency).toBeUndefined();
    connection.websocketPingInterval = 0.01;
    connection.websocketPingTimeout = 1000;
    const log = record(connection);
    connection.connect();
    await log.until(({ events }) => events.some((line) => line.startsWith('pong')));
    expect(connection.latency).toBeGreaterThan(0);
    expect(connection.latency).toBeLessThan(20);
  });

  it('bytesRead, bytesWritten: 0, cumulative, not reset by a reconnect', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    expectTypeOf<Connection['bytesRead' | 'bytesWritten']>().toEqualTypeOf<number>();
    expect([connection.bytesRead, connection.bytesWritten]).toEqual([0, 0]);
    const log = record(connection);
    const totals = [0, 0];
    for (const times of [1, 2]) {
      connection.connect();
      const peer = await server.peer();
      const head = await peer.readHead();
      const answer = RawPeer.answer(head);
      peer.write(Buffer.from(answer));
      await log.until('open 101', times);
      totals[0]! += answer.length;
      totals[1]! += head.length;
      connection.destroy();
      expect([connection.bytesRead, connection.bytesWritten]).toEqual(totals);
    }
  });
});

describe('properties of the handshake', () => {
  it("transport: 'tcp', and 'ssl' for wss:; ws: with 'ssl' is Workerman's way to say wss", async () => {
    expectTypeOf<Connection['transport']>().toEqualTypeOf<'tcp' | 'ssl'>();
    expect(unconnected().transport).toBe('tcp');
    const server = await echoServer('wss');
    const byUrl = server.client();
    expect(byUrl.transport).toBe('ssl');
    const byTransport = new AsyncTcpConnection(server.url.replace('wss:', 'ws:'), await trust('wss'));
    onTestFinished(() => byTransport.destroy());
    byTransport.transport = 'ssl';
    const log = record(byTransport);
    byTransport.connect();
    await log.until('open 101');
  });

  it('headers: {}, extra handshake headers; Host replaces the default; CR and LF throw', async () => {
    expectTypeOf<Connection['headers']>().toEqualTypeOf<Provider<Headers>>();
    expect(unconnected().headers).toEqual({});
    const head = await requestOf((connection) => {
      connection.headers = { Cookie: 'a=1', Host: 'example.test', 'X-Count': 7, 'X-Two': ['one', 'two'] };
    });
    for (const line of ['Cookie: a=1', 'Host: example.test', 'X-Count: 7', 'X-Two: one', 'X-Two: two']) {
      expect(head).toContain(`\r\n${line}\r\n`);
    }
    expect(head.match(/^host:/gim)).toHaveLength(1);
    expect(() => {
      unconnected().headers = { A: 'b\r\nC: d' };
    }).toThrow(TypeError);
  });

  it('websocketOrigin: undefined; the Origin header', async () => {
    expectTypeOf<Connection['websocketOrigin']>().toEqualTypeOf<string | undefined>();
    expect(unconnected().websocketOrigin).toBeUndefined();
    expect(await requestOf(() => {})).not.toMatch(/^origin:/im);
    const head = await requestOf((connection) => {
      connection.websocketOrigin = 'https://example.test';
    });
    expect(head).toContain('\r\nOrigin: https://example.test\r\n');
  });

  it('websocketClientProtocol: undefined; subprotocols, string or list; the server’s answer is checked', async () => {
    expectTypeOf<Connection['websocketClientProtocol']>().toEqualTypeOf<Provider<Protocols | undefined>>();
    expect(unconnected().websocketClientProtocol).toBeUndefined();
    const one = await requestOf((connection) => {
      connection.websocketClientProtocol = 'mqtt';
    });
    expect(one).toContain('\r\nSec-WebSocket-Protocol: mqtt\r\n');
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketClientProtocol = ['mqtt', 'chat'];
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    const head = await peer.readHead();
    expect(head).toContain('\r\nSec-WebSocket-Protocol: mqtt, chat\r\n');
    peer.socket.end(RawPeer.answer(head, 'Sec-WebSocket-Protocol: other'));
    await log.until('error HANDSHAKE_FAIL');
    expect(codeOf(log.errors[0]!.cause)).toBe('WS_ERR_HANDSHAKE_PROTOCOL');
  });

  it('URL, headers and subprotocol may each be a function, called (sync or async) at every attempt', async () => {
    const server = await rawServer('ws');
    let attempt = 0;
    const connection = new AsyncTcpConnection(async () => {
      attempt += 1;
      return `${server.url}/${attempt}`;
    });
    onTestFinished(() => connection.destroy());
    connection.headers = () => ({ 'X-Attempt': attempt });
    connection.websocketClientProtocol = async () => `v${attempt}`;
    connection.onClose = (connection) => connection.reConnect();
    connection.connect();
    for (const count of [1, 2]) {
      const peer = await server.peer();
      const head = await peer.readHead();
      expect(head).toMatch(new RegExp(`^GET /${count} [^]*Sec-WebSocket-Protocol: v${count}[^]*X-Attempt: ${count}`));
      peer.socket.destroy();
    }
  });
});
