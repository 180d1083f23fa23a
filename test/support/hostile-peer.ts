// What the tests of hardening share: one connection whose server answers the handshake, or sends frames, as no server
// should, and what came of it. It knows no rule; the tests do.

import { expect } from 'vitest';
import type { AsyncTcpConnection, WsimdError } from '../../src/index';
import { type EventLog, record } from './event-log';
import { CLOSE, RawPeer, statusOf } from './raw-peer';
import { rawServer, type Scheme } from './servers';

export type Configure = (connection: AsyncTcpConnection) => void;

export interface Opened {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly peer: RawPeer;
}

/** A connection that is open, and the peer that holds its other end. */
export async function openTo(configure: Configure = () => {}, scheme: Scheme = 'ws'): Promise<Opened> {
  const server = await rawServer(scheme);
  const connection = server.client();
  configure(connection);
  const log = record(connection);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer };
}

/** The handshake gets the answer that `answer` makes of the request, in one write. Resolves when it is open or refused. */
export async function answered(
  answer: (request: string) => string,
  configure: Configure = () => {},
): Promise<{ log: EventLog; request: string; code: string }> {
  const server = await rawServer('ws');
  const connection = server.client();
  // How long a refusal waits for the beginning of its body.
  connection.lingerTimeout = 0.05;
  configure(connection);
  const log = record(connection);
  connection.connect();
  const peer = await server.peer();
  const request = await peer.readHead();
  peer.write(Buffer.from(answer(request), 'latin1'));
  await log.until(({ response, closings }) => response !== undefined || closings.length > 0);
  return { log, request, code: (log.errors[0]?.cause as WsimdError | undefined)?.code ?? 'accepted' };
}

/** A correct answer with more header lines, or with something in it replaced. */
export const correct =
  (...headers: string[]) =>
  (request: string): string =>
    RawPeer.answer(request, ...headers);
export const spoilt =
  (part: string | RegExp, other: string) =>
  (request: string): string =>
    RawPeer.answer(request).replace(part, other);

/**
 * These bytes behind the handshake, and nothing more: whatever else their headers declare is held back. The client must
 * fail, tell nothing but that, send one close frame and end TCP. Returns the status of that frame, and the error.
 */
export async function refusal(
  bytes: Uint8Array,
  configure: Configure = () => {},
): Promise<{ status: number; error: WsimdError }> {
  const { log, peer } = await openTo(configure);
  peer.write(bytes);
  const close = await peer.readFrameOf(CLOSE);
  await expect(peer.read(1)).rejects.toThrow('ended');
  peer.socket.end();
  await log.until('close 1006');
  expect(log.events).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006']);
  return { status: statusOf(close), error: log.errors[0]!.cause as WsimdError };
}
