// What is behind a proxy, or should be: servers that are not there, that fail at TLS, that end; TLS to the proxy itself; and
// what a failure leaves to others, to the next attempt and to the process, which is nothing.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection } from '../../../src/index';
import { bystander } from '../../support/bystander';
import { ChildProgram } from '../../support/child-program';
import { type EventLog, record } from '../../support/event-log';
import { setProxy, through, URLS } from '../../support/proxy-attempts';
import { httpProxy, scriptedProxy, socks5Proxy, type TestProxy } from '../../support/proxy-servers';
import {
  closedPort,
  echoServer,
  rawServer,
  SCHEMES,
  type TestServer,
  testAuthority,
  wsServer,
} from '../../support/servers';

describe('behind a proxy', () => {
  const KINDS: readonly ['http' | 'socks5', () => Promise<TestProxy>][] = [
    ['http', () => httpProxy()],
    ['socks5', () => socks5Proxy()],
  ];

  function behind(server: TestServer, kind: 'http' | 'socks5', proxy: TestProxy): EventLog {
    const connection = server.client();
    setProxy(connection, `${kind}://127.0.0.1:${proxy.port}`);
    const log = record(connection);
    connection.connect();
    return log;
  }

  it.each(KINDS)('a server that is not there is a refusal, kind %s', async (kind, start) => {
    const proxy = await start();
    const { log } = through(`${kind}://127.0.0.1:${proxy.port}`, `ws://127.0.0.1:${await closedPort()}`);
    await log.until('close 1006');
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    const answer = kind === 'http' ? { response: { status: 502 }, body: 'ECONNREFUSED' } : { reply: 5 };
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', ...answer });
  });

  it.each(KINDS)('a server that does not speak TLS is a fault of TLS, kind %s', async (kind, start) => {
    const proxy = await start();
    const server = await wsServer('ws');
    const { log } = through(`${kind}://127.0.0.1:${proxy.port}`, server.url.replace('ws:', 'wss:'));
    await log.until('close 1006');
    expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toContain(`127.0.0.1 port ${server.port}`);
  });

  it.each(KINDS)('a server that goes during TLS is a fault of TLS, kind %s', async (kind, start) => {
    const proxy = await start();
    const server = await rawServer('ws');
    const { log } = through(`${kind}://127.0.0.1:${proxy.port}`, server.url.replace('ws:', 'wss:'));
    const peer = await server.peer();
    await peer.read(5);
    peer.socket.end();
    await log.until('close 1006');
    expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
  });

  it.each(KINDS.flatMap(([kind, start]) => SCHEMES.map((scheme) => [kind, scheme, start] as const)))(
    'an end is what it is without one: %s, %s',
    async (kind, scheme, start) => {
      const proxy = await start();
      const server = await rawServer(scheme);
      const ending = behind(server, kind, proxy);
      (await server.acceptedPeer()).socket.end();
      await ending.until('close 1006');
      expect(ending.events).toEqual(['connect', 'open 101', 'close 1006']);
      expect(ending.closings[0]!.error).toMatchObject({ code: 'WS_ERR_ENDED' });
    },
  );

  it.each(KINDS)('nothing is left of a TLS failure: a program ends by itself, kind %s', async (kind, start) => {
    const proxy = await start();
    const server = await rawServer('wss');
    const program = new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection('${server.url}');
      connection.${kind === 'http' ? 'proxyHttp' : 'proxySocks5'} = '127.0.0.1:${proxy.port}';
      connection.onError = (connection, code) => console.log('error', code);
      connection.onClose = () => console.log('closed');
      connection.connect();`);
    expect(await program.exit).toBe(0);
    expect(program.output).toBe('error 7\nclosed\n');
  });
});

describe('a TLS connection to a proxy', () => {
  it.each([
    ['that nobody vouches for', undefined, /self-signed|unable to (get|verify)/i],
    ['whose certificate is for another name', ['elsewhere.test'], /is not in the cert's list/],
  ])('%s is no connection', async (_, domains, says) => {
    const server = await wsServer('wss', () => {}, domains === undefined ? {} : { domains });
    const ca = domains === undefined ? undefined : (await testAuthority()).cert;
    const connection = new AsyncTcpConnection(URLS[0], ca === undefined ? {} : { ca });
    connection.proxyHttp = server.url.replace('wss:', 'https:');
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_TLS' });
    expect(log.errors[0]!.message).toMatch(says);
  });

  it('to a port that does not speak TLS is none either', async () => {
    const { port } = await scriptedProxy(async (peer) => peer.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { log } = through(`https://127.0.0.1:${port}`);
    await log.until('close 1006');
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_TLS' });
  });
});

describe('a connection beside', () => {
  it('those that fail goes on', async () => {
    const goesOn = await Promise.all(SCHEMES.map(bystander));
    const refuse = await scriptedProxy(async (peer) => peer.socket.end('HTTP/1.1 403 No\r\n\r\n'));
    const reset = await scriptedProxy(async (peer) => peer.socket.resetAndDestroy());
    const garbage = await scriptedProxy(async (peer) => peer.socket.write('garbage\r\n'));
    for (const { port } of [refuse, reset, garbage]) {
      for (const kind of ['http', 'socks5', 'https']) {
        const { log } = through(`${kind}://127.0.0.1:${port}`);
        await log.until('close 1006');
        expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
      }
    }
    for (const check of goesOn) await check();
  });

  it('is the next attempt of the same object, once the proxy works', async () => {
    const server = await echoServer('ws');
    const [ill, well] = [await scriptedProxy(async (peer) => peer.socket.end()), await httpProxy()];
    const connection = server.client();
    connection.proxyHttp = `127.0.0.1:${ill.port}`;
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    connection.proxyHttp = `127.0.0.1:${well.port}`;
    connection.connect();
    await log.until('open 101');
    connection.send('at last');
    await log.until('message at last');
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006', 'connect', 'open 101', 'message at last']);
    expect(well.asked).toHaveLength(1);
  });
});
