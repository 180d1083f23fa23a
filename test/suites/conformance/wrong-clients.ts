// Clients that are wrong on purpose, on the wire or towards their program: the run must find out each of them. They know the
// one case that they are made for.

import { connect } from 'node:net';
import { CLOSE, frame, TEXT } from '../../support/raw-peer';
import { cases, type Item, text } from './case';
import { ClientLog, type ClientProgram, wsimd } from './clients';
import { maskedFrame } from './wire';

const [hello] = cases({
  id: 'hello',
  section: '5.6',
  says: 'One message comes back.',
  server: [frame(TEXT, 'Hello')],
  told: [text('Hello')],
});
/** What they are played with. */
export const HELLO = hello!;

export const KEYS = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
] as const;
export const STATUS_1000 = Buffer.of(0x03, 0xe8);
/** What is right. */
export const ECHO = maskedFrame(TEXT, 'Hello', KEYS[0]);
export const ANSWER = maskedFrame(CLOSE, STATUS_1000, KEYS[1]);

/** Writes this as soon as the message is there, and tells its program what is right. */
export function writing(...writes: readonly Uint8Array[]): ClientProgram {
  return {
    name: 'writing',
    start(url, _, log) {
      const { port, pathname } = new URL(url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET ${pathname} HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
      let received = '';
      let hasWritten = false;
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (hasWritten || !received.includes('\r\n\r\n\x81\x05Hello')) return;
        hasWritten = true;
        log.item('text', Buffer.from('Hello'));
        socket.write(Buffer.concat(writes));
      });
      socket.on('close', () => log.end({ code: 1000, reason: '', wasClean: true }));
      return { perform() {}, destroy: () => socket.destroy() };
    },
  };
}

/** Does what is right on the wire, and tells its program something else. */
export function telling(change: (told: readonly Item[]) => readonly Item[]): ClientProgram {
  return {
    name: 'telling',
    start(url, limits, log) {
      const inner = new ClientLog();
      inner.onChange = () => {
        if (inner.ending === undefined) return;
        log.told.push(...change(inner.told));
        log.end(inner.ending);
      };
      return wsimd.start(url, limits, inner);
    },
  };
}

/** Tells its program nothing, not even the end. */
export const silent: ClientProgram = {
  name: 'silent',
  start: (url, limits) => wsimd.start(url, limits, new ClientLog()),
};
