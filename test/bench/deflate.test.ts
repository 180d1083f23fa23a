// The rows of the benchmark with permessage-deflate: what the source replays can be inflated wherever a phase begins, clients
// play the rows to the end, and who sends uncompressed is found out and marked.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { constants, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect as connectUndici } from '../../bench/clients/undici.mjs';
import { connect as connectWsimd } from '../../bench/clients/wsimd.mjs';
import { connect as connectLevel6 } from '../../bench/clients/wsimd-level-6.mjs';
import { charts, groups } from '../../bench/groups.mjs';
import { chart } from '../../bench/report/chart.mjs';
import { peersBelow } from '../../bench/report/relative.mjs';
import { summarize } from '../../bench/report/summary.mjs';
import { figuresTable, meanRatio, ratiosTable } from '../../bench/report/tables.mjs';
import { type Deflate, type Row, rowByName, rows } from '../../bench/rows.mjs';
import { type Connect, HIGH_WATER_MARK, Traffic } from '../../bench/runner/measured/traffic.mjs';
import { Inflation } from '../../bench/source/inflation.mjs';
import { prepareCompressedBlock } from '../../bench/wire/compressed-block.mjs';
import { payloadBytes, payloadData } from '../../bench/wire/payloads.mjs';
import { compressed, historyOf } from '../../bench/wire/permessage-deflate.mjs';
import type { Block } from '../../bench/wire/server-frames.mjs';

// Its JavaScript alone: on this machine there may be no add-on for it.
process.env.WS_NO_BUFFER_UTIL = '1';
const { connect: connectWs } = await import('../../bench/clients/ws.mjs');

const SOURCE = fileURLToPath(new URL('../../bench/source/source.mjs', import.meta.url));
const TEXT_RSV1 = 0xc1;
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
interface Variation {
  offer?: Deflate | false;
  payloads?: (string | Uint8Array)[];
}

const deflateRows = rows.filter(({ group }) => group === 'deflate');

describe('the payloads', () => {
  it.each(deflateRows)('of $name are different JSON documents of its size, more than a window of them', (row) => {
    const texts = payloadData(row).map(String);
    for (const text of texts) expect(JSON.parse(text)).toMatchObject({ type: 'update' });
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(texts.map((text) => Buffer.byteLength(text)))).toEqual(new Set([row.bytes]));
    expect(texts.length).toBeGreaterThanOrEqual(Math.max(64, 65_536 / row.bytes));
  });
});

describe('what the source replays', () => {
  /** The payload of the frame of a message. */
  function frameOf({ bytes, startOf }: Block, message: number): Buffer {
    const frame = bytes.subarray(startOf(message), startOf(message + 1));
    expect(frame[0]).toBe(TEXT_RSV1);
    const payload = frame.subarray(frame[1] === 126 ? 4 : frame[1] === 127 ? 10 : 2);
    const length = { 126: frame.readUInt16BE(2), 127: payload.length }[frame[1]!] ?? frame[1];
    expect(payload.length).toBe(length);
    return payload;
  }

  function inflatedTogether(parts: Buffer[]): Buffer {
    const stream = Buffer.concat(parts.flatMap((part) => [part, TAIL]));
    return inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
  }

  const received = deflateRows.filter(({ direction }) => direction === 'receive');

  it.each(received)('in $name can be inflated through the end of the block, and from any phase to the next', (row) => {
    const payloads = payloadBytes(row);
    const block = prepareCompressedBlock(row, payloads);
    expect(block.messages % payloads.length).toBe(0);
    const turn = payloads.length;
    // All of it and on; a phase that is broken off at a message, and one after it.
    const phases = [block.messages + turn, turn + 3, 1, 2 * turn];
    const numbers = phases.flatMap((length) => Array.from({ length }, (_, message) => message % block.messages));
    const message = inflatedTogether(numbers.map((number) => frameOf(block, number)));
    const expected = Buffer.concat(numbers.map((number) => payloads[number % turn]!));
    expect(message.equals(expected)).toBe(true);
  });

  it.each(received)('in $name stands by itself if that was agreed on, and only then', (row) => {
    const payloads = payloadBytes(row);
    const block = prepareCompressedBlock(row, payloads);
    const inflate = () => inflatedTogether([frameOf(block, payloads.length + 1)]);
    if (row.perMessageDeflate!.serverNoContextTakeover) expect(inflate().equals(payloads[1]!)).toBe(true);
    else expect(inflate).toThrow('invalid distance too far back');
  });
});

describe('Inflation', () => {
  const row = rowByName('send-200-json-deflate');
  const payloads = payloadBytes(row);
  const earlier = new Uint8Array(0);

  it('takes a message for what it is only at its place', () => {
    const message = compressed(payloads[5]!, historyOf(payloads, 5, earlier));
    const inflation = new Inflation(row, payloads);
    expect(() => inflation.check(message, 5)).not.toThrow();
    expect(() => inflation.check(message, 4)).toThrow('message 4 inflates to something else');
  });
});

describe('a source', () => {
  let source: ChildProcessWithoutNullStreams;
  let lines: AsyncIterator<string>;
  let port: number;

  beforeAll(async () => {
    source = spawn(process.execPath, [SOURCE]);
    lines = createInterface({ input: source.stdout })[Symbol.asyncIterator]();
    port = JSON.parse((await lines.next()).value).port;
  });

  afterAll(async () => {
    const ended = once(source, 'close');
    source.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  /** Phases of so many messages, verified and not; resolves when the connection has closed. */
  function play(
    connect: Connect,
    row: Row,
    phases: [messages: number, verify: boolean][],
    { offer = row.perMessageDeflate ?? false, payloads = payloadData(row) }: Variation = {},
  ) {
    return new Promise<{ code: number; reason: string }>((resolve, reject) => {
      const run = async () => {
        for (const [messages, verify] of phases) await traffic.runPhase(messages, verify);
        connection.close();
      };
      const connection = connect(
        `ws://127.0.0.1:${port}/${row.name}`,
        {
          onOpen: () => run().catch(reject),
          onMessage: (data, isBinary) => traffic.onMessage(data, isBinary),
          onDrain: () => traffic.onDrain(),
          onClose: (code, reason) => resolve({ code, reason }),
          onFailure: (message) => reject(new Error(message)),
        },
        HIGH_WATER_MARK,
        offer,
      );
      const traffic = new Traffic(row, payloads, connection);
    });
  }

  async function whatWasSent(): Promise<{ isPlain: boolean; bytesPerMessage?: number }> {
    source.stdin.write('\n');
    return JSON.parse((await lines.next()).value);
  }

  // The second and third phase continue with what the one before has left in both windows.
  const PHASES: [number, boolean][] = [
    [70, true],
    [5, false],
    [6, true],
  ];

  describe.each([
    { peer: 'wsimd', connect: connectWsimd },
    { peer: 'ws', connect: connectWs },
  ])('plays with $peer', ({ connect }) => {
    it.each(deflateRows)('$name', async (row) => {
      expect((await play(connect, row, PHASES)).code).toBe(1000);
      const { isPlain, bytesPerMessage = 0 } = await whatWasSent();
      if (row.direction === 'receive') return;
      expect(isPlain).toBe(false);
      expect(bytesPerMessage).toBeGreaterThan(0);
      expect(bytesPerMessage / row.bytes).toBeLessThan(0.8);
    });
  });

  it.each(['send', 'echo'])('finds out who does not compress: %s', async (direction) => {
    const row = rowByName(`${direction}-2k-json-deflate`);
    expect((await play(connectUndici, row, PHASES)).code).toBe(1000);
    expect(await whatWasSent()).toEqual({ isPlain: true, bytesPerMessage: row.bytes });
  });

  it.each(deflateRows.filter(({ direction }) => direction === 'send'))(
    'gets as many bytes of wsimd as of ws at the same level: $name',
    async (row) => {
      const sizes: number[] = [];
      for (const connect of [connectLevel6, connectWs]) {
        await play(connect, row, [[400, true]]);
        sizes.push((await whatWasSent()).bytesPerMessage!);
      }
      expect(sizes[0]! / sizes[1]!).toBeCloseTo(1, 2);
    },
  );

  it('refuses who does not offer it, and says so', async () => {
    const row = rowByName('receive-2k-json-deflate');
    expect(await play(connectWsimd, row, PHASES, { offer: false })).toEqual({
      code: 1008,
      reason: 'the source refuses: the client does not offer permessage-deflate',
    });
  });

  it.each([true, false])('refuses other messages than the payloads; verified: %s', async (verify) => {
    const row = rowByName('send-2k-json-deflate');
    const payloads = payloadData(row);
    [payloads[7], payloads[8]] = [payloads[8]!, payloads[7]!];
    expect(await play(connectWsimd, row, [[9, verify]], { payloads })).toEqual({
      code: 1008,
      reason: `the source refuses: message ${verify ? 7 : 8} inflates to something else`,
    });
  });
});

describe('the report', () => {
  const round = (isPlain: boolean) => ({
    messages: 100,
    userMicroseconds: isPlain ? 20 : 200,
    systemMicroseconds: 0,
    wallMicroseconds: 200,
    isPlain,
  });
  const names = ['send-2k-json-deflate', 'send-64k-json-deflate'];
  const results = names.map((name) =>
    summarize(rowByName(name), { wsimd: [round(false)], bun: [round(name === names[0])], ws: [round(false)] }),
  );

  it('marks who sends uncompressed', () => {
    const group = groups.find(({ name }) => name === 'deflate')!;
    const table = figuresTable(group, results, ['wsimd', 'bun', 'ws']);
    expect(table).toMatch(/send-2k-json-deflate +│ +2\.00 +±0% +500K │ +0\.200° +±0% +~500K │ +2\.00 +±0% +500K │/);
    expect(table.match(/°/g)).toHaveLength(1);
    expect(ratiosTable(results, ['wsimd', 'bun'], 'wsimd')).toMatch(/send-2k-json-deflate +│ 0\.100×° │/);
  });

  it('marks it in the chart too, and says what the mark means there', () => {
    const shown = charts.find(({ name }) => name === 'deflate')!;
    expect(chart(shown, results, ['wsimd', 'bun', 'ws'], []).match(/[^>]*°[^<]*/g)).toEqual([
      '°: sends uncompressed what the others compress',
      '0.10 (0.200° µs ±0%)',
    ]);
    expect(chart(shown, results.slice(1), ['wsimd', 'bun', 'ws'], [])).not.toContain('°');
  });

  it('does not say that who sends uncompressed needs less', () => {
    expect(peersBelow(results[0]!, ['wsimd', 'bun', 'ws'])).toEqual([]);
  });

  it('has no part of such a row in the mean', () => {
    expect(meanRatio(results, 'bun', 'wsimd')).toBe(1);
    expect(meanRatio(results.slice(0, 1), 'bun', 'wsimd')).toBeUndefined();
  });
});
