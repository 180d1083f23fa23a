// One connection that lives through everything a callback is called for, step by step with a raw server, so that the order
// is always the same: what changes when a callback throws, or ends the connection, shows as a difference to this list.

import type { AsyncTcpConnection } from '../../src/index';
import { type Callbacks, type EventLog, record } from './event-log';
import { CLOSE, closeFrame, frame, PING, PONG, RawPeer, TEXT } from './raw-peer';
import { rawServer, type Scheme } from './servers';

/** Every line of an undisturbed life, with the callback that wrote it. */
export const WHOLE_LIFE: readonly (readonly [callback: keyof Callbacks, line: string])[] = [
  ['onConnect', 'connect'],
  ['onWebSocketConnect', 'open 101'],
  ['onMessage', 'message one'],
  ['onWebSocketPing', 'ping p'],
  ['onWebSocketPong', 'pong q'],
  ['onMessage', 'message two'],
  ['onBufferFull', 'full'],
  ['onError', 'error SEND_FAIL'],
  ['onBufferDrain', 'drain'],
  ['onWebSocketClose', 'close frame 1000'],
  ['onClose', 'close 1000'],
];

/** More than the kernel takes for a peer that does not read. */
const LARGE = new Uint8Array(16 * 1024 * 1024);
const LARGE_FRAME_BYTES = LARGE.length + 14;

/** Lives until onClose, with these callbacks, and returns what was told. */
export async function wholeLife(
  scheme: Scheme,
  callbacks: (connection: AsyncTcpConnection) => Callbacks,
): Promise<EventLog> {
  const server = await rawServer(scheme);
  const connection = server.client();
  const log = record(connection, { onWebSocketPing: () => {}, ...callbacks(connection) });
  const orClosed = (line: string): Promise<unknown> =>
    log.until(({ events, closings }) => events.includes(line) || closings.length > 0);

  async function live(peer: RawPeer): Promise<void> {
    await peer.accept(frame(TEXT, 'one'), frame(PING, 'p'), frame(PONG, 'q'), frame(TEXT, 'two'));
    await orClosed('message two');
    connection.send(LARGE);
    connection.send('too much');
    await peer.read(LARGE_FRAME_BYTES);
    await orClosed('drain');
    peer.write(closeFrame(1000));
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
  }

  const closed = log.until(({ closings }) => closings.length > 0);
  connection.connect();
  // A TLS server never hears of a client that goes as soon as it is there.
  const peer = await Promise.race([server.peer(), closed]);
  if (peer instanceof RawPeer) {
    // A connection that is ended on the way ends its peer's script too.
    await live(peer).catch(() => {});
    await closed;
    await peer.end();
  }
  return log;
}
