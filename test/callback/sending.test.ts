// Ways to send: promises, Blobs among other messages, several messages as one write, text as binary, and the end of a
// connection behind the last of them. What a full buffer does is callback/async-tcp-connection-flow.test.ts' business.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, Ws, type WsimdError } from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, PONG, type RawPeer, TEXT } from '../support/raw-peer';
import { type RawTestServer, rawServer, SCHEMES } from '../support/servers';

const MiB = 1024 * 1024;

interface Opened {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly peer: RawPeer;
}

async function openTo(server: RawTestServer): Promise<Opened> {
  const connection = server.client();
  const log = record(connection);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer };
}

/** First byte and payload of the next frames. */
async function framesOf(peer: RawPeer, count: number): Promise<[number, string][]> {
  const frames: [number, string][] = [];
  while (frames.length < count) {
    const { first, payload } = await peer.readFrame();
    frames.push([first, payload.toString()]);
  }
  return frames;
}

/** A Blob whose bytes come when the test says so. */
function lateBlob(text: string): { blob: Blob; arrive: () => void; fail: (error: Error) => void } {
  const blob = new Blob([text]);
  let arrive = (): void => {};
  let fail = (_error: Error): void => {};
  const bytes = new Promise<ArrayBuffer>((resolve, reject) => {
    arrive = () => resolve(new TextEncoder().encode(text).buffer);
    fail = reject;
  });
  blob.arrayBuffer = () => bytes;
  return { blob, arrive, fail };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: WsimdError) => error.code,
  );

describe.each(SCHEMES)('over %s, sendAsync()', (scheme) => {
  it('resolves when the message has left, and with nothing', async () => {
    const { connection, peer } = await openTo(await rawServer(scheme));
    const sent = connection.sendAsync('hello');
    expect(connection.bufferIsEmpty()).toBe(false);
    expect(await sent).toBeUndefined();
    expect(connection.bufferIsEmpty()).toBe(true);
    expect(await framesOf(peer, 1)).toEqual([[TEXT, 'hello']]);
  });

  it('does not resolve before a peer that reads slowly has made room, and then in order', async () => {
    const { connection, peer } = await openTo(await rawServer(scheme));
    connection.maxSendBufferSize = 64 * MiB;
    const order: string[] = [];
    const large = connection.sendAsync(new Uint8Array(16 * MiB)).then(() => order.push('large'));
    const small = connection.sendAsync('small').then(() => order.push('small'));
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(order).toEqual([]);
    await peer.read(16 * MiB + 14);
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(await framesOf(peer, 1)).toEqual([[TEXT, 'small']]);
  });

  it('waits for the handshake: what onWebSocketConnect sends goes first, and both are told when they have left', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const early = connection.sendAsync('early');
    let inside: Promise<void> | undefined;
    record(connection, {
      onWebSocketConnect: () => {
        inside = connection.sendAsync('inside');
      },
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    await early;
    await inside;
    expect(await framesOf(peer, 2)).toEqual([
      [TEXT, 'inside'],
      [TEXT, 'early'],
    ]);
  });

  it('rejects with WS_ERR_NOT_SENT if the connection is gone first, with the reason as its cause', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    connection.maxSendBufferSize = 64 * MiB;
    const lost = connection.sendAsync(new Uint8Array(32 * MiB));
    peer.socket.destroy();
    const error = await lost.catch((error: WsimdError) => error);
    expect([error?.code, error?.kind]).toEqual(['WS_ERR_NOT_SENT', AsyncTcpConnection.SEND_FAIL]);
    await log.until('close 1006');
    expect(error?.cause).toBe(log.closings[0]!.error);
  });

  it('rejects with what send() would have returned false for, and tells no callback', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxSendBufferSize = 4;
    const log = record(connection);
    connection.send('full');
    const fails = AsyncTcpConnection.statistics.send_fail;
    expect(await codeOf(connection.sendAsync('too much'))).toBe('WS_ERR_SEND_BUFFER_FULL');
    connection.connect();
    connection.destroy();
    expect(await codeOf(connection.sendAsync('too late'))).toBe('WS_ERR_NOT_OPEN');
    expect(AsyncTcpConnection.statistics.send_fail).toBe(fails + 3);
    // Of what send() had accepted.
    expect(log.errors.map(({ message }) => message)).toEqual([expect.stringMatching(/1 message of 4 bytes/)]);
    await expect(connection.sendAsync(5 as never)).rejects.toThrow(TypeError);
  });
});

describe('a message that waits when the connection is given up', () => {
  it.each(['close', 'destroy', 'end'] as const)('by %s() during the attempt is not told as sent', async (method) => {
    const server = await rawServer('ws');
    const connection = server.client();
    const sent = codeOf(connection.sendAsync('x'));
    const behindBlob = codeOf(connection.sendAsync(new Blob(['y'])));
    connection.connect();
    connection[method]();
    const peer = method === 'end' ? await server.acceptedPeer() : undefined;
    expect([await sent, await behindBlob]).toEqual(
      method === 'end' ? ['resolved', 'resolved'] : ['WS_ERR_NOT_SENT', 'WS_ERR_NOT_SENT'],
    );
    if (peer !== undefined) expect((await framesOf(peer, 2)).map(([, text]) => text)).toEqual(['x', 'y']);
  });
});

describe.each(SCHEMES)('over %s, a Blob', (scheme) => {
  it('goes as binary, and what is sent behind it follows it', async () => {
    const { connection, peer } = await openTo(await rawServer(scheme));
    const first = lateBlob('first');
    const second = lateBlob('second');
    const bytes = new Uint8Array([65, 66]);
    expect(connection.send('before')).toBe(true);
    expect(connection.send(first.blob)).toBeNull();
    expect(connection.send(bytes)).toBeNull();
    bytes.fill(0);
    expect(connection.send('text')).toBeNull();
    expect(connection.send(second.blob)).toBeNull();
    const last = connection.sendAsync('last');
    second.arrive();
    expect(await framesOf(peer, 1)).toEqual([[TEXT, 'before']]);
    first.arrive();
    await last;
    expect(await framesOf(peer, 5)).toEqual([
      [BINARY, 'first'],
      [BINARY, 'AB'],
      [TEXT, 'text'],
      [BINARY, 'second'],
      [TEXT, 'last'],
    ]);
    expect(connection.send('at once again')).toBe(true);
  });

  it('counts in the send buffer as what it is, fills it, and drains it', async () => {
    const { connection, log } = await openTo(await rawServer(scheme));
    connection.maxSendBufferSize = 10;
    const { blob, arrive } = lateBlob('0123456789');
    expect(connection.send(blob)).toBeNull();
    expect(connection.getSendBufferQueueSize()).toBe(10);
    expect(connection.send('dropped')).toBe(false);
    arrive();
    await log.until('drain');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'error SEND_FAIL', 'drain']);
  });

  it('that cannot be read is dropped with onError, or rejects; what is behind it goes on', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    const one = lateBlob('one');
    const other = lateBlob('other');
    connection.send(one.blob);
    const promised = connection.sendAsync(other.blob);
    connection.send('behind');
    const reason = new Error('the file has changed');
    one.fail(reason);
    other.fail(reason);
    await expect(promised).rejects.toMatchObject({ code: 'WS_ERR_BLOB_UNREAD', cause: reason });
    expect(await framesOf(peer, 1)).toEqual([[TEXT, 'behind']]);
    expect(log.errors.map(({ cause }) => (cause as WsimdError).code)).toEqual(['WS_ERR_BLOB_UNREAD']);
    expect(log.errors[0]!.message).toBe('The message was dropped: the Blob could not be read: the file has changed.');
  });

  it('is sent before the close frame, and before FIN', async () => {
    const server = await rawServer(scheme);
    const closing = await openTo(server);
    const blob = lateBlob('last words');
    closing.connection.close(blob.blob);
    expect(closing.connection.getStatus(false)).toBe('CLOSING');
    expect(closing.connection.send('too late')).toBe(false);
    blob.arrive();
    expect((await framesOf(closing.peer, 2)).map(([first]) => first)).toEqual([BINARY, CLOSE]);

    const ending = await openTo(server);
    ending.connection.end(new Blob(['the end']));
    expect(await framesOf(ending.peer, 1)).toEqual([[BINARY, 'the end']]);
    await expect(ending.peer.read(1)).rejects.toThrow('The client ended the connection.');
  });

  it('that close() waits for holds up no closing handshake, though reception is paused meanwhile', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    const { blob, arrive } = lateBlob('last words');
    connection.close(blob);
    connection.pauseRecv();
    arrive();
    await peer.readFrameOf(CLOSE);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000');
    expect(log.closings[0]!.wasClean).toBe(true);
  });

  it('is dropped when the peer closes first, and its close frame is answered at once', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    const { blob, arrive } = lateBlob('never');
    const sent = codeOf(connection.sendAsync(blob));
    peer.write(closeFrame(1001));
    const answer = await peer.readFrame();
    expect(answer.first).toBe(CLOSE);
    arrive();
    peer.socket.end();
    await log.until('close 1001');
    expect(await sent).toBe('WS_ERR_NOT_SENT');
    expect(log.closings[0]!.wasClean).toBe(true);
  });

  it('does not hold up pings and pongs', async () => {
    const { connection, peer } = await openTo(await rawServer(scheme));
    const { blob, arrive } = lateBlob('late');
    connection.send(blob);
    connection.pong('now');
    expect(await framesOf(peer, 1)).toEqual([[PONG, 'now']]);
    arrive();
    expect(await framesOf(peer, 1)).toEqual([[BINARY, 'late']]);
  });
});

describe('cork()', () => {
  it('makes one write of what is sent inside, at once, even if the function throws', async () => {
    const { connection, peer } = await openTo(await rawServer('ws'));
    let chunks = 0;
    peer.socket.on('data', () => {
      chunks += 1;
    });
    const before = connection.bytesWritten;
    connection.cork((corked) => {
      expect(corked).toBe(connection);
      connection.send('one');
      connection.send('two');
      expect(connection.bytesWritten).toBe(before);
    });
    expect(connection.bytesWritten).toBe(before + 18);
    const mistake = new Error('mine');
    const corked = (): void =>
      connection.cork(() => {
        connection.send('six');
        throw mistake;
      });
    expect(corked).toThrow(mistake);
    expect(connection.bytesWritten).toBe(before + 27);
    expect((await framesOf(peer, 3)).map(([, text]) => text)).toEqual(['one', 'two', 'six']);
    expect(chunks).toBeLessThanOrEqual(2);
  });
});

describe('a string', () => {
  it('goes as websocketType says, unless `binary` says otherwise', async () => {
    const { connection, peer } = await openTo(await rawServer('ws'));
    for (const websocketType of [Ws.BINARY_TYPE_BLOB, Ws.BINARY_TYPE_ARRAYBUFFER]) {
      connection.websocketType = websocketType;
      connection.send('as set');
      connection.send('text', { binary: false });
      connection.send('binary', { binary: true });
    }
    expect((await framesOf(peer, 6)).map(([first]) => first)).toEqual([TEXT, TEXT, BINARY, BINARY, TEXT, BINARY]);
  });
});

describe.each(SCHEMES)('over %s, end()', (scheme) => {
  it('flushes, sends FIN and no close frame, and is over when the peer ends too', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    connection.send('one');
    connection.end('two');
    expect(connection.getStatus(false)).toBe('ENDING');
    expect(connection.send('three')).toBe(false);
    expect((await framesOf(peer, 2)).map(([, text]) => text)).toEqual(['one', 'two']);
    await expect(peer.read(1)).rejects.toThrow('The client ended the connection.');
    peer.write(frame(TEXT, 'still here'));
    await log.until('message still here');
    peer.socket.end();
    await log.until('close 1006');
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error: undefined }]);
  });

  it('waits lingerTimeout for the peer to end, and not longer', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    connection.end();
    await expect(peer.read(1)).rejects.toThrow('The client ended the connection.');
    const ended = performance.now();
    expect(log.events.at(-1)).toBe('open 101');
    await log.until('close 1006');
    expect(performance.now() - ended).toBeGreaterThan(500);
    expect(log.closings[0]!.error).toBeUndefined();
  });

  it('flushes what a slow peer has not taken, before FIN', async () => {
    const { connection, log, peer } = await openTo(await rawServer(scheme));
    connection.maxSendBufferSize = 64 * MiB;
    connection.send(new Uint8Array(16 * MiB));
    connection.end('the end');
    await peer.read(16 * MiB + 14);
    expect(await framesOf(peer, 1)).toEqual([[TEXT, 'the end']]);
    peer.socket.end();
    await log.until('close 1006');
    expect(log.errors).toEqual([]);
  });
});
