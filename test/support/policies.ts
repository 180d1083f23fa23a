// What the tests of the reconnect policy share: a connection that has one, to a server of scripts or to nowhere, and the ways in
// which such a server ends it.

import { onTestFinished } from 'vitest';
import { AsyncTcpConnection, type ReconnectPolicyOption } from '../../src/index';
import { type Callbacks, type EventLog, record } from './event-log';
import { CLOSE, closeFrame, type RawPeer } from './raw-peer';
import { closedPort, type RawTestServer, rawServer, type Scheme } from './servers';

/** Comes back at once, and each time so. */
export const SOON = { minDelay: 0.001, factor: 1, jitter: 0 };

export interface Begun {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly server: RawTestServer;
}

export async function begun(
  policy: ReconnectPolicyOption,
  scheme: Scheme = 'ws',
  callbacks: Callbacks = {},
): Promise<Begun> {
  const server = await rawServer(scheme);
  const connection = server.client();
  connection.reconnectPolicy = policy;
  const log = record(connection, callbacks);
  connection.connect();
  return { connection, log, server };
}

/** A connection to where nobody listens. */
export async function begunInVain(
  policy: ReconnectPolicyOption | undefined,
  callbacks: Callbacks = {},
): Promise<Omit<Begun, 'server'>> {
  const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
  onTestFinished(() => connection.destroy());
  connection.reconnectPolicy = policy;
  const log = record(connection, callbacks);
  connection.connect();
  return { connection, log };
}

/** The server closes with this status and waits for the answer. */
export const closing =
  (code: number) =>
  async (peer: RawPeer): Promise<void> => {
    await peer.accept(closeFrame(code));
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
  };

/** The server refuses the handshake. */
export const refusing =
  (status: number, ...headers: string[]) =>
  async (peer: RawPeer): Promise<void> => {
    await peer.readHead();
    const lines = [`HTTP/1.1 ${status} No`, ...headers, 'Content-Length: 0'];
    peer.socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  };
