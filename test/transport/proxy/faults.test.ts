// A proxy that is not there, or goes, or hangs, at every step of both protocols. Each is one onError(PROXY_FAIL) that says what
// happened (or a time-out), then onClose, and nothing else.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../../src/index';
import { EventLog, record } from '../../support/event-log';
import { afterConnect, afterSocks, bytes, failure, type Script, through, URLS } from '../../support/proxy-attempts';
import { scriptedProxy } from '../../support/proxy-servers';
import { closedPort } from '../../support/servers';

const PLACES: readonly [name: string, kind: 'http' | 'socks5', at: (then: Script) => Script][] = [
  ['as soon as it is reached', 'http', (then) => then],
  ['when it has the request CONNECT', 'http', afterConnect],
  [
    'in the middle of the head of its answer',
    'http',
    (then) =>
      afterConnect(async (peer) => {
        peer.socket.write('HTTP/1.1 200 Connection est');
        await then(peer);
      }),
  ],
  ['as soon as it is reached', 'socks5', (then) => then],
  ['when it has the methods', 'socks5', (then) => afterSocks(0, then)],
  ['when it has user name and password', 'socks5', (then) => afterSocks(1, then)],
  ['when it has the request', 'socks5', (then) => afterSocks(2, then)],
  [
    'in the middle of its reply',
    'socks5',
    (then) =>
      afterSocks(2, async (peer) => {
        peer.write(bytes(5, 0, 0, 3, 9, 0x61));
        await then(peer);
      }),
  ],
];

describe.each(PLACES)('%s, a proxy of kind %s', (_, kind, at) => {
  it.each(URLS)('that ends fails the attempt to %s', async (url) => {
    const error = await failure(
      kind,
      at(async (peer) => peer.socket.end()),
      url,
    );
    expect(error.code).toBe('WS_ERR_PROXY_ENDED');
  });

  it('that resets fails it with the reason', async () => {
    const hangUp: Script = async (peer) => peer.socket.resetAndDestroy();
    const error = await failure(kind, at(hangUp));
    // Whoever is reset at once may not know yet that he was connected; and where bytes came before, the runtime may take the
    // reset for an end.
    if (at(hangUp) === hangUp) expect(error.code).toMatch(/^WS_ERR_PROXY_(CONNECT|ENDED)$/);
    else expect(error.code).toBe('WS_ERR_PROXY_ENDED');
    expect(error.message).toMatch(/was open\.$|ECONNRESET|EPIPE/);
  });

  it('that hangs falls under connectTimeout, and its socket is gone then', async () => {
    const steps = new EventLog();
    const proxy = await scriptedProxy(
      at(async (peer) => {
        await peer.end();
        steps.write('ended');
      }),
    );
    const { log } = through(`${kind}://user:secret@127.0.0.1:${proxy.port}`, URLS[1], (connection) => {
      connection.connectTimeout = 0.15;
    });
    await log.until('close 1006');
    expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
    expect(log.errors[0]!.message).toContain('connectTimeout');
    await steps.until('ended');
  });

  it('may be given up on', async () => {
    const steps = new EventLog();
    const proxy = await scriptedProxy(
      at(async (peer) => {
        steps.write('reached');
        await peer.end();
      }),
    );
    const { connection, log } = through(`${kind}://user:secret@127.0.0.1:${proxy.port}`);
    await steps.until('reached');
    connection.destroy();
    expect(log.events).toEqual(['close 1006']);
    expect(log.closings[0]!.error).toBeUndefined();
  });
});

describe('a proxy that cannot be reached', () => {
  it.each(['http', 'https', 'socks5'])('of kind %s is told with where it should be', async (kind) => {
    const port = await closedPort();
    const { log } = through(`${kind}://user:secret@127.0.0.1:${port}`, URLS[1]);
    await log.until('close 1006');
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    const error = log.errors[0]!.cause as WsimdError;
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_CONNECT', cause: { code: 'ECONNREFUSED' } });
    expect(error.message).toBe(
      `The proxy could not be reached: 127.0.0.1 port ${port}, connect ECONNREFUSED 127.0.0.1:${port}.`,
    );
  });

  it('since its name does not resolve', async () => {
    const connection = new AsyncTcpConnection(URLS[0], {
      lookup: (hostname, _, callback) => callback(new Error(`no such name as ${hostname}`), '', 4),
    });
    connection.proxyHttp = 'proxy.test.invalid:3128';
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_CONNECT' });
    expect(log.errors[0]!.message).toContain('proxy.test.invalid port 3128, no such name as proxy.test.invalid');
  });

  it('since the runtime refuses an option of the dial', async () => {
    const connection = new AsyncTcpConnection(URLS[0], { hints: 0x7fffffff });
    connection.proxyHttp = 'localhost:3128';
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_CONNECT' });
  });
});
