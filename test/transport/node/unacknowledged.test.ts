// What the kernel's table of sockets says of a connection, as the kernel writes it; a machine with so many sockets is not to be had
// in a test. (Real sockets and lossy links are in the suites of links.)

import { afterEach, describe, expect, it, vi } from 'vitest';
import { unacknowledgedBytes } from '../../../src/transport/node/unacknowledged';
import { settledBytes } from '../../whole/resources/meter.mjs';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const ESTABLISHED = '01';
const TIME_WAIT = '06';
const LISTEN = '0A';

const hex = (number: number, digits: number): string => number.toString(16).toUpperCase().padStart(digits, '0');
const line = (local: number, remote: number, state: string, queue: number): string =>
  `   0: 0100007F:${hex(local, 4)} 0100007F:${hex(remote, 4)} ${state} ${hex(queue, 8)}:00000000 00:00000000 00000000  0  0 1 1\n`;

let lines = '';
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  const readFileSync = (path: unknown, ...options: never[]) =>
    String(path).endsWith('/net/tcp') ? HEAD + lines : fs.readFileSync(path as string, ...options);
  return { ...fs, readFileSync: readFileSync as typeof fs.readFileSync };
});

/** Longer than a table is believed. */
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe.skipIf(process.platform !== 'linux')('what the peer has not acknowledged', () => {
  afterEach(later);

  it('stands in the kernel’s table, by the ports of both ends', () => {
    lines = line(4_000, 80, ESTABLISHED, 0) + line(4_001, 80, ESTABLISHED, 70_000);
    expect(unacknowledgedBytes(4_000, 80)).toBe(0);
    expect(unacknowledgedBytes(4_001, 80)).toBe(70_000);
    expect(unacknowledgedBytes(4_002, 80)).toBe(undefined);
  });

  it('is not known where two connections have the same ports, but those that are over do not count', () => {
    lines = line(4_000, 80, ESTABLISHED, 1) + line(4_000, 80, ESTABLISHED, 2);
    lines += line(4_001, 80, ESTABLISHED, 3) + line(4_001, 80, TIME_WAIT, 0) + line(80, 0, LISTEN, 0);
    expect(unacknowledgedBytes(4_000, 80)).toBe(undefined);
    expect(unacknowledgedBytes(4_001, 80)).toBe(3);
    expect(unacknowledgedBytes(80, 0)).toBe(undefined);
  });

  it('is looked up for many at once, and read again later', async () => {
    lines = line(4_000, 80, ESTABLISHED, 1);
    expect(unacknowledgedBytes(4_000, 80)).toBe(1);
    lines = line(4_000, 80, ESTABLISHED, 2);
    expect(unacknowledgedBytes(4_000, 80)).toBe(1);
    await later();
    expect(unacknowledgedBytes(4_000, 80)).toBe(2);
  });

  it('is no table that is kept when nobody asks any more', async () => {
    const before = await settledBytes();
    lines = Array.from({ length: 30_000 }, (_, i) => line(10_000 + i, 80, ESTABLISHED, i)).join('');
    expect(unacknowledgedBytes(10_007, 80)).toBe(7);
    lines = '';
    // A realm keeps the text in which it has found something last.
    expect('x').toMatch(/x/);
    // It would be 3 MB.
    expect((await settledBytes()) - before).toBeLessThan(1_000_000);
  });
});
