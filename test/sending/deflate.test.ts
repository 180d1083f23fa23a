// What is sent compressed, when, and in which order (RFC 7692 §6.1): as a raw server reads it.

import { describe, expect, it } from 'vitest';
import { WsimdError } from '../../src/index';
import { agreedTo, ClientMessages } from '../support/agreed-peer';
import { RSV1 } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { CLOSE, TEXT } from '../support/raw-peer';

/** Of text that is compressed in turns of the event loop. */
const LONG = 200_000;
const long = 'a long text, é. '.repeat(LONG / 16);

describe('which messages', () => {
  it('all of them with context, texts and bytes and Blobs, however short', async () => {
    const { connection, peer } = await agreedTo();
    const client = new ClientMessages(peer);
    connection.send('a');
    connection.send(Uint8Array.of(1, 2));
    connection.send('');
    connection.send(new Blob(['abc']));
    connection.send('텍스트', { binary: true });
    connection.send('x'.repeat(300));
    const lines = [];
    for (let i = 0; i < 6; i += 1) lines.push(await client.next());
    expect(lines).toEqual([
      'text deflated a',
      'binary deflated <2 bytes>',
      'text deflated ',
      'binary deflated <3 bytes>',
      'binary deflated <9 bytes>',
      `text deflated ${'x'.repeat(300)}`,
    ]);
  });

  it('none that is told not to be, and none of control frames', async () => {
    const { connection, peer } = await agreedTo();
    const client = new ClientMessages(peer);
    connection.send('plain', { compress: false });
    connection.send(Uint8Array.of(1), { compress: false });
    connection.ping('p');
    connection.send('again', { compress: true });
    expect([await client.next(), await client.next(), await client.next(), await client.next()]).toEqual([
      'text plain plain',
      'binary plain <1 bytes>',
      'ping p',
      'text deflated again',
    ]);
  });

  it('without context those from the threshold on, in bytes', async () => {
    const { connection, peer } = await agreedTo({ clientNoContextTakeover: true, threshold: 6 });
    const client = new ClientMessages(peer, { keepsContext: false });
    for (const message of ['12345', '123456', 'éé', 'ééé', Buffer.from('12345'), Buffer.from('123456')]) {
      connection.send(message);
    }
    const lines = [];
    for (let i = 0; i < 6; i += 1) lines.push((await client.next()).split(' ').slice(0, 2).join(' '));
    expect(lines).toEqual([
      'text plain',
      'text deflated',
      'text plain',
      'text deflated',
      'binary plain',
      'binary deflated',
    ]);
  });

  it('those too that are sent before it could be agreed on', async () => {
    const early = await agreedTo(true, 'permessage-deflate', (connection) => void connection.send('early'));
    expect(await new ClientMessages(early.peer).next()).toBe('text deflated early');
  });

  it('each by itself where the server asks for it', async () => {
    const { connection, peer } = await agreedTo({ threshold: 0 }, 'permessage-deflate; client_no_context_takeover');
    const client = new ClientMessages(peer, { keepsContext: false });
    connection.send('the same');
    connection.send('the same');
    expect([await client.next(), await client.next()]).toEqual(['text deflated the same', 'text deflated the same']);
  });

  it.each([8, 9, 12, 15])('with no reference beyond the window of %i bits', async (bits) => {
    const { connection, peer } = await agreedTo(true, `permessage-deflate; client_max_window_bits=${bits}`);
    // A window of exactly so many bits reads it; what repeats lies at distances around its size.
    const client = new ClientMessages(peer, { windowBits: bits });
    const size = 1 << bits;
    for (const distance of [size - 300, size - 1, size, size + 1, size + 300]) {
      const unit = pattern(Math.max(distance, 20), distance);
      connection.send(Buffer.concat([unit, unit, unit]));
      expect(await client.next()).toBe(`binary deflated <${unit.length * 3} bytes>`);
    }
  });
});

describe('the order', () => {
  it('holds behind a long message, which takes turns of the event loop', async () => {
    const { connection, peer, log } = await agreedTo();
    const client = new ClientMessages(peer);
    expect(connection.send('before')).toBe(true);
    expect(connection.send(long)).toBe(null);
    expect(connection.send('behind')).toBe(null);
    expect(connection.send('and plain', { compress: false })).toBe(null);
    expect(connection.send(new Blob([pattern(LONG)]))).toBe(null);
    expect(connection.send(long)).toBe(null);
    expect(connection.getSendBufferQueueSize()).toBeGreaterThan(2 * LONG);
    connection.close();
    const lines = [];
    for (let i = 0; i < 7; i += 1) lines.push(await client.next());
    expect(lines).toEqual([
      'text deflated before',
      `text deflated ${long}`,
      'text deflated behind',
      'text plain and plain',
      `binary deflated <${LONG} bytes>`,
      `text deflated ${long}`,
      'close \x03\xe8',
    ]);
    expect(log.errors).toEqual([]);
  });

  it('lets the event loop turn meanwhile, and pings pass', async () => {
    const { connection, peer } = await agreedTo();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (connection.getSendBufferQueueSize() > 0) setImmediate(count);
    };
    connection.send(pattern(1_000_000));
    setImmediate(count);
    connection.ping('first');
    const client = new ClientMessages(peer);
    expect([await client.next(), await client.next()]).toEqual(['ping first', 'binary deflated <1000000 bytes>']);
    expect(turns).toBeGreaterThan(10);
  });

  it('is kept by end(data) and whoever awaits', async () => {
    const { connection, peer } = await agreedTo();
    const client = new ClientMessages(peer);
    const sent = connection.sendAsync(long);
    const next = connection.sendAsync('short');
    connection.end('last');
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      `text deflated ${long}`,
      'text deflated short',
      'text deflated last',
    ]);
    await Promise.all([sent, next]);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('ends with a connection that is destroyed meanwhile: nothing more is compressed or sent', async () => {
    const { connection, log, peer } = await agreedTo();
    const failure = connection.sendAsync(pattern(1_000_000)).catch((error: unknown) => error);
    const second = connection.sendAsync('behind').catch((error: unknown) => error);
    setImmediate(() => setImmediate(() => connection.destroy()));
    for (const error of [await failure, await second]) {
      expect(error).toBeInstanceOf(WsimdError);
      expect((error as WsimdError).code).toBe('WS_ERR_NOT_SENT');
    }
    await log.until('close 1006');
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('is that of the calls where a limit stops them', async () => {
    const { connection, log, peer } = await agreedTo(true, undefined, (one) => {
      one.maxSendBufferSize = 10_000;
    });
    expect([connection.send(long), connection.send('dropped')]).toEqual([null, false]);
    expect(log.events.slice(-2)).toEqual(['full', 'error SEND_FAIL']);
    await log.until('drain');
    connection.send('again');
    const client = new ClientMessages(peer);
    expect([await client.next(), await client.next()]).toEqual([`text deflated ${long}`, 'text deflated again']);
  });
});

describe('the frames', () => {
  it('are masked, one for each message, without the tail', async () => {
    const { connection, peer } = await agreedTo();
    connection.send('Hello');
    connection.send('Hello');
    const [first, second] = [await peer.readFrame(), await peer.readFrame()];
    expect([first.first, first.isMasked, second.first]).toEqual([TEXT | RSV1, true, TEXT | RSV1]);
    // RFC 7692 §7.2.3.2: the second is a reference to the first.
    expect(first.payload.toString('hex')).toBe('f248cdc9c90700');
    expect(second.payload.length).toBeLessThan(first.payload.length);
    connection.close(1000, 'done');
    expect((await peer.readFrameOf(CLOSE)).payload.toString('latin1')).toBe('\x03\xe8done');
  });

  it('are as large as the level says', async () => {
    const sizes: number[] = [];
    for (const level of [0, 1, 9]) {
      const { connection, peer } = await agreedTo({ zlibDeflateOptions: { level, memLevel: 9 } });
      connection.send(long.slice(0, 60_000));
      sizes.push((await peer.readFrame()).payload.length);
    }
    expect(sizes[0]).toBeGreaterThan(60_000);
    expect(sizes[1]).toBeLessThan(5_000);
    expect(sizes[2]).toBeLessThanOrEqual(sizes[1]!);
  });
});
