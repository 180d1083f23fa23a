// Decompression bombs, measured like whole/resources.test.ts: 1 GiB of zeros in a message of 1 MB, in one frame and in thousands,
// to the decoder and to clients of all three faces over sockets. They are refused with at most the limit held; who shares the
// process hears nothing of it. A message that is just below the limit comes whole.

import { afterAll, describe, expect, it } from 'vitest';
import { bombClient, type Face } from '../support/bombed-client';
import { ChildProgram, reportOf } from '../support/child-program';
import type { Costs } from './resources/meter.mjs';

const MiB = 1024 * 1024;
const LIMIT = 10 * MiB;
const BOMB_BYTES = 1024 * MiB;

const table: Record<string, Record<string, string>> = {};

/** A line of the table. */
function note(name: string, { peakRss, peakBuffers, cpu }: Costs): void {
  const inMiB = (bytes: number): string => (bytes / MiB).toFixed(1);
  table[name] = { 'peak RSS, MiB': inMiB(peakRss), 'buffers, MiB': inMiB(peakBuffers), 'CPU, s': cpu.toFixed(3) };
}

afterAll(() => {
  console.table(table);
});

const KINDS = [
  ['bytes', 2, 'object'],
  ['text', 1, 'string'],
] as const;
const FRAMINGS = [
  ['one frame', undefined],
  ['fragments of 1 KiB', 1_024],
  ['fragments of 64 B', 64],
] as const;
const CASES = KINDS.flatMap(([kind, opcode, type]) =>
  FRAMINGS.map(([framing, fragmentBytes]) => [`${kind} in ${framing}`, opcode, fragmentBytes, type] as const),
);

interface Decoded {
  outcome: string;
  status: number;
  detail: string;
  /** Bytes of the frames until there was an outcome, and of all of them. */
  fed: number;
  sent: number;
  pings: number;
  neighbours: boolean[];
}

function decode(...words: (number | undefined)[]): Promise<Decoded & Costs> {
  const call = `import { decode } from './test/whole/resources/inflate.mjs'; decode(${words.map(String)});`;
  return reportOf<Decoded & Costs>(new ChildProgram(call));
}

describe.each(CASES)('wsimd/framing: %s', (name, opcode, fragmentBytes, type) => {
  it('1 GiB is refused at one byte above the limit of 10 MiB', async () => {
    const costs = await decode(opcode, BOMB_BYTES, fragmentBytes);
    note(`1 GiB, ${name}`, costs);
    expect(costs).toMatchObject({
      outcome: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      status: 1009,
      neighbours: [true, true],
    });
    expect(costs.detail).toBe(`it inflates to at least ${LIMIT + 1} bytes, and maxMessageSize is ${LIMIT}`);
    expect(costs.sent).toBeGreaterThan(MiB);
    // A MiB of zeros is a KiB: what lies further behind than the limit was never looked at.
    expect(costs.fed).toBeLessThanOrEqual(65_536);
    expect(costs.peakBuffers).toBeLessThan(3 * LIMIT);
    expect(costs.peakRss).toBeLessThan(4 * LIMIT);
    expect(costs.cpu).toBeLessThan(1.5);
  });

  it('9.9 MiB come whole', async () => {
    const size = Math.floor(9.9 * MiB);
    const costs = await decode(opcode, size, fragmentBytes);
    note(`9.9 MiB, ${name}`, costs);
    expect(costs).toMatchObject({ outcome: `${type} of ${size}`, neighbours: [true, true] });
    expect(costs.pings > 0).toBe(fragmentBytes !== undefined);
    expect(costs.peakRss).toBeLessThan(8 * LIMIT);
  });
});

describe('wsimd/framing: where it is refused', () => {
  it('in chunks of 64 bytes: within the first of them that goes too far', async () => {
    const { fed, outcome, neighbours } = await decode(2, BOMB_BYTES, undefined, 64);
    expect([outcome, neighbours]).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', [true, true]]);
    // Zeros of one MiB compress to 1,033 bytes or so.
    expect(fed).toBeGreaterThan(10 * 1_000);
    expect(fed).toBeLessThan(10 * 1_100);
  });
});

interface Bombed {
  readonly face: Face;
  readonly options: object;
  readonly limit: number;
  /** What the victim says of a bomb. */
  readonly lines: readonly string[];
}

const CLIENTS: readonly (readonly [name: string, client: Bombed])[] = [
  [
    'AsyncTcpConnection, maxPackageSize as it is',
    {
      face: 'callback',
      options: {},
      limit: LIMIT,
      lines: [
        `WS_ERR_UNSUPPORTED_MESSAGE_LENGTH 1009: it inflates to at least ${LIMIT + 1} bytes, and maxPackageSize is ${LIMIT}`,
        'close 1006',
      ],
    },
  ],
  [
    'ws face, maxPayload as it is',
    {
      face: 'ws',
      options: {},
      limit: 100 * MiB,
      lines: ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: Max payload size exceeded', 'close 1006'],
    },
  ],
  [
    'ws face, maxPayload of 1 MiB',
    {
      face: 'ws',
      options: { maxPayload: MiB },
      limit: MiB,
      lines: ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: Max payload size exceeded', 'close 1006'],
    },
  ],
  ['WHATWG face', { face: 'web', options: {}, limit: 100 * MiB, lines: ['error', 'close 1006 false'] }],
];
const SOCKET_CASES = CLIENTS.flatMap(([client, settings]) =>
  CASES.filter(([name]) => /one frame|1 KiB/.test(name)).map(
    ([name, ...rest]) => [client, name, settings, ...rest] as const,
  ),
);

describe.each(SOCKET_CASES)('%s: %s', (client, name, { face, options, limit, lines }, opcode, fragmentBytes, type) => {
  it('1 GiB is refused with 1009', async () => {
    const { status, costs } = await bombClient(face, options, opcode, BOMB_BYTES, fragmentBytes);
    note(`1 GiB, ${client}, ${name}`, costs);
    expect([status, costs.victim]).toEqual([1009, lines]);
    expect(costs.peakBuffers).toBeLessThan(2.5 * limit + LIMIT);
    expect(costs.peakRss).toBeLessThan(2.5 * limit + 2 * LIMIT);
    expect(costs.cpu).toBeLessThan(3);
  });

  it('what is just below the limit comes whole', async () => {
    const size = Math.floor(0.99 * limit);
    const { status, costs } = await bombClient(face, options, opcode, size, fragmentBytes);
    note(`${(size / MiB).toFixed(1)} MiB, ${client}, ${name}`, costs);
    expect([status, costs.victim]).toEqual([undefined, [`${type} of ${size}`]]);
  });
});
