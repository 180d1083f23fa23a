// What the tests of failing proxies share: an attempt through a proxy that follows a script, and what came of it.

import { expect } from 'vitest';
import { AsyncTcpConnection, type ProxyError, type WsimdError } from '../../src/index';
import { type EventLog, record } from './event-log';
import { scriptedProxy } from './proxy-servers';
import type { RawPeer } from './raw-peer';

export const URLS = ['ws://server.test.invalid', 'wss://server.test.invalid'] as const;

export type Script = (peer: RawPeer) => Promise<unknown>;

/** An HTTP proxy or a SOCKS5 one, as the scheme says. */
export function setProxy(connection: AsyncTcpConnection, proxy: string): void {
  if (proxy.startsWith('socks5:')) connection.proxySocks5 = proxy;
  else connection.proxyHttp = proxy;
}

/** A connection through this proxy, begun, and what it tells. */
export function through(
  proxy: string,
  url: string = URLS[0],
  configure: (connection: AsyncTcpConnection) => void = () => {},
): { connection: AsyncTcpConnection; log: EventLog } {
  const connection = new AsyncTcpConnection(url);
  setProxy(connection, proxy);
  configure(connection);
  const log = record(connection);
  connection.connect();
  return { connection, log };
}

/** One attempt through a proxy that does this; the error, which must be all that is told. */
export async function failure(
  kind: 'http' | 'socks5',
  script: Script,
  url: string = URLS[0],
  configure?: (connection: AsyncTcpConnection) => void,
): Promise<WsimdError & Partial<Pick<ProxyError, 'response' | 'body' | 'reply'>>> {
  const proxy = await scriptedProxy(script);
  const { log } = through(`${kind}://user:secret@127.0.0.1:${proxy.port}`, url, configure);
  await log.until('close 1006');
  expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
  const [told] = log.errors;
  expect(told!.code).toBe(AsyncTcpConnection.PROXY_FAIL);
  expect(told!.message).not.toContain('secret');
  expect(log.closings[0]!.error).toBe(told!.cause);
  return told!.cause as WsimdError;
}

export const bytes = (...values: number[]): Buffer => Buffer.from(values);

/** How many bytes the client sends in each step of SOCKS5 here: methods, user name and password, the request for a name. */
export const STEPS = [4, 3 + 'usersecret'.length, 7 + 'server.test.invalid'.length];
export const ANSWERS = [bytes(5, 2), bytes(1, 0)];

/** Goes so many steps, then does this with the rest. */
export const afterSocks =
  (steps: number, then: Script): Script =>
  async (peer) => {
    for (let step = 0; step <= steps; step += 1) {
      await peer.read(STEPS[step]!);
      if (step < steps) peer.write(ANSWERS[step]!);
    }
    await then(peer);
  };

export const afterConnect =
  (then: Script): Script =>
  async (peer) => {
    await peer.readHead();
    await then(peer);
  };
