// What a hostile or broken peer gets for its pings, its silence and its close frames, and what every peer gets of masking
// keys: each line of the list has one test, by its name, over real sockets.

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTo, refusal } from '../support/hostile-peer';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { SCHEMES, type Scheme } from '../support/servers';

const MiB = 1024 * 1024;

/** More than kernels take for a peer that does not read. */
const LARGE = new Uint8Array(16 * MiB);
const LARGE_FRAME_BYTES = LARGE.length + 14;

describe.each(SCHEMES)('Control, over %s', (scheme) => {
  it('at most one pending pong, the latest, CVE-2026-109932', async () => {
    const { connection, peer } = await openTo(() => {}, scheme);
    expect(connection.send(LARGE)).toBeNull();
    peer.write(...Array.from({ length: 100 }, (_, i) => frame(PING, `${i}`)));
    // The pings are there before the peer begins to read.
    await turns(20);
    await peer.read(LARGE_FRAME_BYTES);
    const pong = await peer.readFrame();
    expect([pong.first, pong.payload.toString()]).toEqual([PONG, '99']);
    connection.send('nothing else waited');
    expect((await peer.readFrame()).payload.toString()).toBe('nothing else waited');
  });

  it('a peer that does not read stops being read', async () => {
    const { connection, log, peer } = await openTo(() => {}, scheme);
    expect(connection.send(LARGE)).toBeNull();
    const limit = 64 * MiB;
    expect(await takenOf(peer, frame(PING, 'x'.repeat(125)), limit)).toBeLessThan(limit);
    expect(log.events).toEqual(['connect', 'open 101', 'full']);

    // And is read again as soon as it reads: nothing is lost by waiting.
    let tail = Buffer.alloc(0);
    peer.socket.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-10);
    });
    peer.write(frame(PING, 'last'), frame(TEXT, 'after the flood'));
    peer.socket.resume();
    await log.until('message after the flood');
    const lastPayload = (): string => Buffer.from([6, 7, 8, 9].map((i) => tail[i]! ^ tail[i - 4]!)).toString();
    await vi.waitFor(() => expect([tail[0], lastPayload()]).toEqual([PONG, 'last']), 10_000);
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'drain', 'message after the flood']);
  });

  it('the close handshake ends in time even when the peer never answers', async () => {
    const { connection, log, peer } = await openTo(
      (connection) => Object.assign(connection, { closeTimeout: 0.1 }),
      scheme,
    );
    // Neither what it sends nor its pongs push the end ahead.
    const talk = setInterval(() => peer.write(frame(TEXT, 'on and on'), frame(PONG)), 10);
    connection.close(1001);
    await log.until('close 1006');
    clearInterval(talk);
    expect(log.events.filter((event) => event !== 'message on and on' && event !== 'pong ')).toEqual([
      'connect',
      'open 101',
      'close 1006',
    ]);
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
  });

  it('the close handshake ends in time even when the peer does not read', async () => {
    const { connection, log } = await openTo((connection) => Object.assign(connection, { closeTimeout: 0.1 }), scheme);
    connection.send(LARGE);
    connection.close();
    await log.until('close 1006');
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
  });

  it.each(['our', 'its'])(
    'the close handshake ends in time even when the peer never closes TCP, after %s close',
    async (first) => {
      const { connection, log, peer } = await openTo(
        (connection) => Object.assign(connection, { lingerTimeout: 0.1 }),
        scheme,
      );
      if (first === 'our') {
        connection.close(1000);
        expect(statusOf(await peer.readFrame())).toBe(1000);
      }
      peer.write(closeFrame(1000, 'bye'));
      if (first === 'its') expect(statusOf(await peer.readFrame())).toBe(1000);
      await log.until('close 1000');
      await peer.end();
      expect(log.events).toEqual(['connect', 'open 101', 'close frame 1000 bye', 'close 1000']);
      expect(log.closings).toEqual([{ code: 1000, reason: 'bye', wasClean: true, error: undefined }]);
    },
  );

  it('a refused peer that neither reads nor closes TCP is gone in time', async () => {
    const { connection, log, peer } = await openTo(
      (connection) => Object.assign(connection, { lingerTimeout: 0.1 }),
      scheme,
    );
    connection.send(LARGE);
    peer.write(Buffer.of(0xff));
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'error PROTOCOL_ERROR', 'close 1006']);
  });
});

describe('Control', () => {
  it.each([1004, 1005, 1006, 1015, 0, 999, 1016, 1999, 2000, 2999, 5000, 65_535])(
    'close codes 1004, 1005, 1006, 1015, < 1000 and 1016–2999 are refused: %i',
    async (code) => {
      // The frame declares a reason, which never comes.
      const { status, error } = await refusal(Buffer.of(CLOSE, 125, code >> 8, code & 0xff));
      expect([status, error.code]).toEqual([1002, 'WS_ERR_INVALID_CLOSE_CODE']);
    },
  );

  it.each([1000, 1003, 1007, 1014, 3000, 4999])('close codes that may be sent are answered: %i', async (code) => {
    const { log, peer } = await openTo();
    peer.write(closeFrame(code));
    expect(statusOf(await peer.readFrame())).toBe(code);
    peer.socket.end();
    await log.until(`close ${code}`);
    expect(log.events).toEqual(['connect', 'open 101', `close frame ${code}`, `close ${code}`]);
  });

  it('a one-byte close body is 1002', async () => {
    const { status, error } = await refusal(Buffer.of(CLOSE, 1));
    expect([status, error.code]).toEqual([1002, 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH']);
  });
});

describe('Masking', () => {
  const COUNT = 20_000;
  /** Header, key and payload of a text `same`. */
  const FRAME_BYTES = 10;

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** The keys of so many frames, as numbers, of two connections in turn. */
  async function keysOnTheWire(scheme: Scheme): Promise<{ keys: number[]; bytes: Buffer }> {
    const peers: RawPeer[] = [];
    const connections = [];
    for (let i = 0; i < 2; i += 1) {
      const { connection, peer } = await openTo(() => {}, scheme);
      connections.push(connection);
      peers.push(peer);
    }
    for (let i = 0; i < COUNT / 2; i += 1) for (const connection of connections) connection.send('same');
    const streams = await Promise.all(peers.map((peer) => peer.read((COUNT / 2) * FRAME_BYTES)));
    const bytes = Buffer.alloc(COUNT * 4);
    const frames = new Set<string>();
    for (let i = 0; i < COUNT; i += 1) {
      const at = (i >> 1) * FRAME_BYTES;
      const frame = streams[i & 1]!.subarray(at, at + FRAME_BYTES);
      frame.copy(bytes, i * 4, 2, 6);
      const payload = frame.subarray(6).map((byte, j) => byte ^ frame[2 + j]!);
      frames.add(`${frame[0]} ${frame[1]} ${payload}`);
    }
    expect([...frames]).toEqual([`${TEXT} ${0x80 + 4} same`]);
    return { keys: Array.from({ length: COUNT }, (_, i) => bytes.readUInt32BE(i * 4)), bytes };
  }

  it.each(SCHEMES)(
    'a fresh key per frame, CVE-2025-10148, GHSA-w67g-5rqw-f597; no fixed or zero key: over %s',
    async (scheme) => {
      const { keys } = await keysOnTheWire(scheme);
      expect(keys).not.toContain(0);
      const steps = keys.map((key, i) => (key ^ keys[(i + 1) % COUNT]!) >>> 0);
      for (const values of [keys, steps]) {
        // Of 20,000 random numbers of 32 bits two are alike once in 21 runs; five pairs never.
        expect(new Set(values).size).toBeGreaterThan(COUNT - 5);
        for (let bit = 0; bit < 32; bit += 1) {
          const ones = values.filter((value) => (value >>> bit) & 1).length;
          // Six standard deviations.
          expect(Math.abs(ones - COUNT / 2)).toBeLessThan(6 * Math.sqrt(COUNT / 4));
        }
      }
    },
  );

  it('from a CSPRNG pool', async () => {
    const produced: Buffer[] = [];
    const { getRandomValues } = globalThis.crypto;
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
      getRandomValues.call(globalThis.crypto, array);
      const { buffer, byteOffset, byteLength } = array as Uint8Array<ArrayBuffer>;
      if (byteLength > 16) produced.push(Buffer.from(Buffer.from(buffer, byteOffset, byteLength)));
      return array;
    });
    const { bytes } = await keysOnTheWire('ws');
    // What was left of an earlier pool comes first, and the last pool is not used up: between them, every byte in order.
    const start = bytes.indexOf(produced[0]!.subarray(0, 64));
    const used = bytes.subarray(start);
    expect(used.length).toBeGreaterThan(COUNT * 3);
    expect(Buffer.concat(produced).subarray(0, used.length).equals(used)).toBe(true);
  });

  it('a large frame has one key over all of it, and not that of the frame before', async () => {
    const { connection, peer } = await openTo();
    for (const size of [500_000, 300_000]) expect(connection.send(new Uint8Array(size))).not.toBe(false);
    const frames = [await peer.readFrame(), await peer.readFrame()];
    for (const { first, key, masked } of frames) {
      expect([first, key.equals(Buffer.alloc(4))]).toEqual([BINARY, false]);
      // Zeros, masked, are the key over and over.
      expect(masked.equals(Buffer.alloc(masked.length, key))).toBe(true);
    }
    expect(frames[0]!.key.equals(frames[1]!.key)).toBe(false);
  });
});

/** Bytes of this frame, over and over, that the client takes: up to the limit, or as soon as it takes no more. */
async function takenOf(peer: RawPeer, frame: Uint8Array, limit: number): Promise<number> {
  const block = Buffer.concat(Array<Uint8Array>(512).fill(frame));
  let taken = 0;
  for (let offered = 0; offered < limit; offered += block.length) {
    let isTaken = false;
    peer.socket.write(block, () => {
      isTaken = true;
      taken += block.length;
    });
    // Both ends live in this thread: a client that reads gets on in every turn.
    for (let turn = 0; turn < 500 && !isTaken; turn += 1) await setImmediate();
    if (!isTaken) return taken;
  }
  return taken;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await setImmediate();
}
