// How a connection is opened, or is not. See ../cases.ts.

import type { WsimdError } from 'wsimd';
import type { Cases } from '../cases';
import { expectSame, expectTrue, Impossible, isSame, pattern, type Stage } from '../stage';

export const OPENING: Cases = {
  async 'connect, echo, close'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    connection.send('hello');
    connection.send(new Uint8Array([1, 2, 3]));
    await told.until('binary');
    connection.close();
    await told.until('close');
    expectSame(told.lines, ['open', 'text hello', 'binary 3', 'close 1000 clean']);
  },

  async 'TLS: a certificate that nobody vouches for'(stage: Stage) {
    const { AsyncTcpConnection } = stage.modules.wsimd;
    if (stage.place.ca === undefined)
      throw new Impossible('whom to trust is a matter of the platform, for all connections');
    const { connection, told } = stage.connection('/echo', {}, 'ws');
    connection.destroy();
    const stranger = new AsyncTcpConnection(`${stage.place.wss}/echo`);
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve) => {
      stranger.onError = (_, code, _message, cause) =>
        lines.push(code === AsyncTcpConnection.TLS_FAIL, (cause as WsimdError).code);
      stranger.onClose = resolve;
      stranger.connect();
    });
    expectSame(lines, [true, 'WS_ERR_TLS']);
    expectSame(told.messages, []);
  },

  async 'a port where nobody listens'(stage: Stage) {
    const { AsyncTcpConnection } = stage.modules.wsimd;
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9/');
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve) => {
      connection.onError = (_, code) => lines.push(code === AsyncTcpConnection.CONNECT_FAIL);
      connection.onClose = (_, { code, error }) => resolve(lines.push(code, error?.code));
      connection.connect();
    });
    expectSame(lines, [true, 1006, 'WS_ERR_CONNECT']);
  },

  async 'a handshake that is refused'(stage: Stage) {
    const { connection, told } = stage.connection('/refuse');
    connection.connect();
    await told.until('close');
    expectSame(told.lines, ['error WS_ERR_HANDSHAKE_STATUS', 'close 1006 WS_ERR_HANDSHAKE_STATUS']);
  },

  async 'a list of URLs, a redirect, and cookies between them'(stage: Stage) {
    const { AsyncTcpConnection } = stage.modules.wsimd;
    const { ws } = stage.place;
    const connection = new AsyncTcpConnection([`${ws}/refuse`, `${ws}/redirect`]);
    const lines: string[] = [];
    connection.followRedirects = true;
    connection.cookies = {
      get: async (url) => {
        lines.push(`get ${new URL(url).pathname}`);
        return undefined;
      },
      set: (_, cookies) => lines.push(...cookies),
    };
    await new Promise<unknown>((resolve) => {
      connection.onConnect = () => lines.push(`connect ${connection.getRemoteURI()}`);
      connection.onWebSocketConnect = () => connection.send('hello');
      connection.onMessage = (_, data) => {
        lines.push(String(data));
        connection.close();
      };
      connection.onClose = (_, { code, willReconnect }) => {
        lines.push(`close ${code}`);
        if (!willReconnect) resolve(undefined);
      };
      connection.connect();
    });
    expectSame(lines, [
      ...['get /refuse', 'connect /refuse', 'close 1006'],
      ...['get /redirect', 'connect /redirect', 'a=1, 2', 'b=3'],
      ...['get /echo', 'connect /echo?from=redirect', 'hello', 'close 1000'],
    ]);
  },

  async 'connections at once, that know nothing of each other'(stage: Stage) {
    const connections = await Promise.all(Array.from({ length: 20 }, () => stage.open('/echo')));
    for (const [i, { connection }] of connections.entries())
      for (let n = 0; n < 50; n += 1) connection.send(`${i} ${n}`);
    for (const [i, { told }] of connections.entries()) {
      await told.until('text', 50);
      expectSame(
        told.messages,
        Array.from({ length: 50 }, (_, n) => `${i} ${n}`),
      );
    }
  },

  async 'through a proxy, with and without TLS'(stage: Stage) {
    const proxy = stage.place.ws.replace('ws:', 'http:');
    for (const scheme of ['ws', 'wss'] as const) {
      const { connection, told } = await stage.open(
        '/echo',
        (one) => Object.assign(one, { proxyHttp: proxy }),
        {},
        scheme,
      );
      connection.send(pattern(300_000));
      await told.until('binary');
      expectTrue(isSame(told.messages[0], pattern(300_000)), 'other bytes came back');
    }
  },

  async 'an option that the platform cannot honour'(stage: Stage) {
    const { connection, told } = stage.connection('/echo', { localAddress: '127.0.0.1' });
    connection.connect();
    await Promise.race([told.until('open'), told.until('close')]);
    if (told.lines[0] === 'open') return;
    expectSame(told.lines, ['error WS_ERR_UNSUPPORTED', 'close 1006 WS_ERR_UNSUPPORTED']);
    throw new Impossible('workerd chooses the address; the error says so');
  },
};
