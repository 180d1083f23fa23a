// What messages and attacks cost, measured: each case in a process of its own (the programs in resources/), so that the peak
// of its memory is its own. The bounds are far enough from what is measured for another machine, and near enough to fail if
// a byte were kept twice as often or a fragment cost anything. What was measured is printed.

import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { ChildProgram, reportOf } from '../support/child-program';
import { pattern } from '../support/decoders';
import { frame, head, PING, type RawPeer, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import type { Costs } from './resources/meter.mjs';

const MiB = 1024 * 1024;
const SIZE = 64 * MiB;

const table: Record<string, Record<string, string>> = {};

/** A line of the table. */
function note(name: string, { peakRss, peakBuffers, cpu }: Costs, more = ''): void {
  const inMiB = (bytes: number): string => (bytes / MiB).toFixed(1);
  table[name] = {
    'peak RSS, MiB': inMiB(peakRss),
    'buffers, MiB': inMiB(peakBuffers),
    'CPU, s': cpu.toFixed(2),
    '': more,
  };
}

afterAll(() => {
  console.table(table);
});

/** Runs one function of resources/decode.mjs. */
function decode<Report>(call: string): Promise<Report & Costs> {
  return reportOf(new ChildProgram(`import * as decode from './test/whole/resources/decode.mjs'; decode.${call};`));
}

const inOneFrame = (opcode: number, payload: Buffer): Buffer[] => [head(0x80 | opcode, payload.length), payload];

function inFragments(opcode: number, payload: Buffer, fragmentBytes: number): Buffer[] {
  const fragments: Buffer[] = [];
  for (let at = 0; at < payload.length; at += fragmentBytes) {
    fragments.push(frame(at === 0 ? opcode : 0, payload.subarray(at, at + fragmentBytes)));
  }
  return [Buffer.concat(fragments), frame(0x80)];
}

const binary = (size: number): Buffer => Buffer.alloc(size, pattern(65_537));
/** A text of exactly so many bytes. */
const text = (unit: string) => (size: number) => {
  const units = Buffer.alloc(size - (size % Buffer.byteLength(unit)), unit);
  return Buffer.concat([units, Buffer.alloc(size - units.length, '.')]);
};

describe('a message of 64 MiB through a socket', () => {
  type Framing = (payload: Buffer) => Buffer[];
  const cases: readonly (readonly [string, (size: number) => Buffer, Framing, maxRss: number, maxCpu: number])[] = [
    ['binary, in one frame', binary, (payload) => inOneFrame(2, payload), 2, 5],
    ['ASCII text, in one frame', text('The quick brown fox. '), (payload) => inOneFrame(1, payload), 3, 5],
    ['Korean text, in one frame', text('다람쥐 헌 쳇바퀴에 타고파. '), (payload) => inOneFrame(1, payload), 6, 5],
    ['binary, in fragments of 1 KiB', binary, (payload) => inFragments(2, payload, 1_024), 3.5, 5],
  ];
  it.each(cases)('%s', async (name, payloadOf, framing, maxRss, maxCpu) => {
    const server = await rawServer('ws');
    const program = new ChildProgram(
      `import { receive } from './test/whole/resources/receive.mjs'; receive('${server.url}', ${SIZE});`,
    );
    const payload = payloadOf(SIZE);
    const peer = await server.acceptedPeer();
    peer.write(...framing(payloadOf(MiB)), frame(TEXT, 'warm'));
    expect((await peer.readFrame()).payload.toString()).toBe('ready');
    for (const part of framing(payload)) peer.socket.write(part);
    await peer.end();
    peer.socket.end();
    const costs = await reportOf<Costs & { sha1: string }>(program);
    note(`64 MiB, ${name}`, costs);
    expect(costs.sha1).toBe(createHash('sha1').update(payload).digest('hex'));
    expect(costs.peakRss).toBeLessThan(maxRss * SIZE);
    expect(costs.cpu).toBeLessThan(maxCpu);
  });
});

describe('a message through wsimd/framing', () => {
  it('of 64 MiB in 1,048,576 fragments of 64 bytes', async () => {
    const costs = await decode<{ received: number }>(`fragments(${SIZE}, 64)`);
    note('64 MiB, binary, in fragments of 64 B', costs);
    expect(costs.received).toBe(SIZE);
    expect(costs.peakRss).toBeLessThan(4 * SIZE);
    expect(costs.cpu).toBeLessThan(10);
  });

  it('of 4 and of 16 MiB in chunks of one byte', async () => {
    const sizes = [4, 16] as const;
    const { runs } = await decode<{ runs: (Costs & { received: number })[] }>(
      `singleBytes([${sizes.map((size) => size * MiB)}])`,
    );
    for (const [i, size] of sizes.entries()) {
      const nanoseconds = Math.round((runs[i]!.cpu * 1e9) / (size * MiB));
      note(`${size} MiB, binary, in chunks of 1 B`, runs[i]!, `${nanoseconds} ns per byte`);
    }
    expect(runs.map(({ received }) => received)).toEqual([4 * MiB, 16 * MiB]);
    expect(runs[1]!.peakRss).toBeLessThan(4 * 16 * MiB);
    // Linear: four times the bytes cost four times as much, and not sixteen times.
    expect(runs[1]!.cpu / runs[0]!.cpu).toBeLessThan(8);
  });
});

describe('a declared length allocates nothing', () => {
  const COUNT = 10_000;
  it.each([
    ['2^62 bytes, refused', 2n ** 62n, COUNT, ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']],
    ['2^53 - 1 bytes, allowed by maxMessageSize', 2n ** 53n - 1n, 0, []],
  ])('%s, by 10,000 peers', async (name, length, refused, codes) => {
    const costs = await decode<{ refused: number; codes: string[] }>(`declared(${COUNT}, ${length}n)`);
    note(`10,000 headers that declare ${name}`, costs);
    expect(costs).toMatchObject({ refused, codes });
    expect(costs.peakBuffers).toBeLessThan(4 * MiB);
    // A decoder is a few objects: 10 KB each would be many.
    expect(costs.peakRss).toBeLessThan(COUNT * 10_000);
  });
});

describe('a million empty fragments', () => {
  it.each([
    ['refused at one more than 131,072', undefined, { fragments: 131_073, outcome: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' }],
    ['allowed by maxFragments', 1_000_000, { fragments: 1_000_000, outcome: 'message of 0' }],
  ])('%s', async (name, maxFragments, expected) => {
    const costs = await decode<{ fragments: number; outcome: string }>(`emptyFragments(1_000_000, ${maxFragments})`);
    note(`1,000,000 empty fragments, ${name}`, costs);
    expect(costs).toMatchObject(expected);
    expect(costs.peakBuffers).toBeLessThan(MiB);
    expect(costs.peakRss).toBeLessThan(16 * MiB);
  });
});

describe('a flood of pings from a peer that does not read', () => {
  const LIMIT = 256 * MiB;
  const FLOOD = Buffer.concat(Array<Buffer>(1_024).fill(frame(PING, 'x'.repeat(125))));

  /** Bytes of the flood that are taken: up to the limit, or as long as the client takes any. */
  async function taken(peer: RawPeer, program: ChildProgram): Promise<number> {
    const turns = (): number => program.output.split('\n').length;
    for (let bytes = 0; bytes < LIMIT; bytes += FLOOD.length) {
      const before = turns();
      const written = new Promise<boolean>((resolve) => peer.socket.write(FLOOD, () => resolve(true)));
      const idle = program.until(() => turns() >= before + 25).then(() => false);
      if (!(await Promise.race([written, idle]))) return bytes;
    }
    return LIMIT;
  }

  it('fills the buffers of that peer, not the client’s memory', async () => {
    const server = await rawServer('ws');
    const program = new ChildProgram(
      `import { flooded } from './test/whole/resources/flooded.mjs'; flooded('${server.url}');`,
    );
    const peer = await server.acceptedPeer();
    peer.write(...Array<Buffer>(1_000).fill(frame(PING, 'x'.repeat(125))), frame(TEXT, 'warm'));
    expect((await peer.readFrameOf(TEXT)).payload.toString()).toBe('ready');
    const bytes = await taken(peer, program);
    // As soon as the peer reads, it is read again.
    peer.write(frame(TEXT, 'after the flood'));
    await peer.end();
    peer.socket.end();
    const costs = await reportOf<Costs & { told: string }>(program);
    note('256 MiB of pings, from a peer that does not read', costs, `${(bytes / MiB).toFixed(1)} MiB taken`);
    expect(costs.told).toBe('after the flood');
    expect(costs.peakBuffers).toBeLessThan(4 * MiB);
    expect(costs.peakRss).toBeLessThan(32 * MiB);
    expect(bytes).toBeLessThan(LIMIT / 2);
  });
});
