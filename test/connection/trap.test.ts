// A wasm trap fails the connection whose bytes provoked it, with an error, and nobody else. The core has none to offer, so
// this file makes real ones: it stands between the codec and the core, and where a payload asks for it, hands the core an
// address outside of its memory.

import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/callback/async-tcp-connection';
import { Decoder } from '../../src/framing';
import type { AsyncTcpConnection as PublicConnection } from '../../src/index';
import { limitBuffers } from '../support/buffers';
import { type EventLog, record } from '../support/event-log';
import { CLOSE, closeFrame, frame, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';

const DECODE_TRAP = Buffer.from('trap while decoding');
const TEXT_TRAP = Buffer.from('trap while reading a täxt');

vi.mock('../../src/runtime/core', async (original) => {
  const core = (await original<typeof import('../../src/runtime/core')>()).makeCore();
  const asksFor = (trap: Buffer, at: number, length: number): boolean =>
    Buffer.from(core.memory.buffer, at, length).includes(trap);
  const outside = core.memory.buffer.byteLength - 4;
  return {
    makeCore: () => ({
      ...core,
      decode: (record: number, at: number, length: number, tape: number): number =>
        core.decode(asksFor(DECODE_TRAP, at, length) ? outside : record, at, length, tape),
      utf8ToLatin1: (at: number, length: number, to: number): number =>
        core.utf8ToLatin1(asksFor(TEXT_TRAP, at, length) ? outside : at, length, to),
    }),
  };
});

/** An open connection of this file's copy of the library, whose core can trap. */
async function open(): Promise<{ connection: PublicConnection; log: EventLog; peer: RawPeer }> {
  const server = await rawServer('ws');
  const connection = new AsyncTcpConnection(server.url) as unknown as PublicConnection;
  const log = record(connection);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer };
}

describe.each([
  ['while decoding', DECODE_TRAP],
  ['while reading a text', TEXT_TRAP],
])('a trap %s', (_, trap) => {
  it('fails its connection with 1011 and an error, and no other one on the thread', async () => {
    const healthy = await open();
    const failing = await open();
    failing.peer.write(frame(TEXT, 'before'));
    await failing.log.until('message before');
    healthy.peer.write(frame(TEXT, 'half of a mess').subarray(0, 9));
    failing.peer.write(frame(TEXT, trap), frame(TEXT, 'behind'));
    expect(statusOf(await failing.peer.readFrameOf(CLOSE))).toBe(1011);
    await failing.peer.end();
    failing.peer.socket.end();
    await failing.log.until('close 1006');
    expect(failing.log.events.slice(2)).toEqual(['message before', 'error PROTOCOL_ERROR', 'close 1006']);
    const { error } = failing.log.closings[0]!;
    expect(error).toMatchObject({ code: 'WS_ERR_INTERNAL', status: 1011 });
    expect(error!.cause).toBeInstanceOf(WebAssembly.RuntimeError);

    healthy.peer.write(frame(TEXT, 'half of a mess').subarray(9), frame(TEXT, '멀쩡하다'));
    await healthy.log.until('message 멀쩡하다');
    healthy.connection.send('and answers');
    expect((await healthy.peer.readFrame()).payload.toString()).toBe('and answers');
    healthy.connection.close();
    await healthy.peer.readFrameOf(CLOSE);
    healthy.peer.write(closeFrame(1000));
    healthy.peer.socket.end();
    await healthy.log.until('close 1000');
    expect(healthy.log.events.slice(2)).toEqual([
      'message half of a mess',
      'message 멀쩡하다',
      'close frame 1000',
      'close 1000',
    ]);
  });

  it('ends its connection, and the object can connect again', async () => {
    const server = await rawServer('ws');
    const connection = new AsyncTcpConnection(server.url) as unknown as PublicConnection;
    const log = record(connection, { onClose: () => connection.reConnect() });
    connection.connect();
    const first = await server.acceptedPeer();
    first.write(frame(TEXT, trap));
    await first.end();
    first.socket.end();
    const second = await server.acceptedPeer();
    second.write(frame(TEXT, 'täxt again'));
    await log.until('message täxt again');
    connection.onClose = null;
    connection.destroy();
  });

  it('ends a decoder of wsimd/framing: onError, and nothing behind it', () => {
    const told: string[] = [];
    const other = new Decoder({ role: 'client', onMessage: (data) => told.push(`other: ${data}`) });
    const decoder = new Decoder({
      role: 'client',
      onMessage: (data) => told.push(String(data)),
      onError: (error) => told.push(`${error.code} ${error.status}`),
    });
    other.feed(frame(TEXT, 'in two pieces').subarray(0, 5));
    decoder.feed(frame(TEXT, 'before'));
    decoder.feed(Buffer.concat([frame(TEXT, trap), frame(TEXT, 'behind')]));
    decoder.feed(frame(TEXT, 'later'));
    decoder.pause();
    decoder.resume();
    other.feed(frame(TEXT, 'in two pieces').subarray(5));
    expect(told).toEqual(['before', 'WS_ERR_INTERNAL 1011', 'other: in two pieces']);
    decoder.close();
    other.close();
  });

  it('is thrown by feed() where there is no onError', () => {
    const decoder = new Decoder({ role: 'client' });
    expect(() => decoder.feed(frame(TEXT, trap))).toThrow(/^The decoder failed; please report this: /);
    expect(() => decoder.feed(frame(TEXT, 'later'))).not.toThrow();
    decoder.close();
  });
});

describe('what is not a trap of the core', () => {
  it('stays an exception of the callback, even if it is the same kind of error', async () => {
    const { connection, log, peer } = await open();
    const { onMessage } = connection;
    connection.onMessage = (...rest) => {
      onMessage!(...rest);
      if (rest[1] === 'one') throw new WebAssembly.RuntimeError('from a module of the user');
    };
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await log.until('message two');
    expect(log.events.slice(2)).toEqual(['message one', 'error CALLBACK_EXCEPTION', 'message two']);
    connection.destroy();
  });

  it('is a message that the runtime cannot hold: it ends the connection with 1009', () => {
    // A buffer of more than the runtime allows to allocate: the record says that much is still to come, and is believed
    // in proportion to what has arrived, so a first piece of a window is needed.
    const told: string[] = [];
    const decoder = new Decoder({
      role: 'client',
      maxMessageSize: Number.MAX_SAFE_INTEGER,
      onMessage: () => told.push('message'),
      onError: (error) => told.push(`${error.code} ${error.status} ${error.message}`),
    });
    limitBuffers(100_000);
    const piece = new Uint8Array(50_010);
    piece.set([0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0]);
    decoder.feed(piece);
    decoder.feed(piece);
    vi.restoreAllMocks();
    decoder.close();
    expect(told).toEqual([
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH 1009 The message is larger than a string or a buffer of this runtime can be: ' +
        'Array buffer allocation failed.',
    ]);
  });
});
