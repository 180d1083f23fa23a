// The page of results: names for people, and what is lost beside what is won.

import { describe, expect, it } from 'vitest';
import { charts } from '../../bench/groups.mjs';
import { peerTitle, rowTitle, shortUnit } from '../../bench/report/names.mjs';
import { resultsPage } from '../../bench/report/page.mjs';
import { summarize } from '../../bench/report/summary.mjs';
import { rowByName, rows } from '../../bench/rows.mjs';
import { candidates } from '../../bench/runner/peers.mjs';

function result(name: string, figures: Record<string, number>) {
  const rounds = Object.entries(figures).map(([peer, userMicroseconds]) => [
    peer,
    [{ messages: 1, userMicroseconds, systemMicroseconds: 0, wallMicroseconds: 1 }],
  ]);
  return summarize(rowByName(name), Object.fromEntries(rounds));
}

describe('rowTitle', () => {
  it.each([
    ['receive-16-text', 'receive 16-byte text'],
    ['receive-1k-korean', 'receive 1 KiB Korean text'],
    ['send-1m-binary', 'send 1 MiB binary'],
    ['send-200-russian', 'send 200-byte Russian text'],
    ['receive-64k-emoji', 'receive 64 KiB text with emoji'],
    ['receive-768k-text', 'receive 768 KiB text'],
    ['live-heap-16k-binary', 'receive 16 KiB binary, with half a million live objects'],
    ['start-import', 'import, and end'],
    ['start-first-message', 'import, connect, receive a message, close and end'],
    ['echo-32-text-1-in-flight', 'echo 32-byte text, one at a time'],
    ['echo-32-text-100-in-flight', 'echo 32-byte text, 100 in flight'],
    ['tls-receive-16k-binary', 'receive 16 KiB binary, over TLS'],
    ['fragments-1k-in-64-text', 'receive 1 KiB text, in 64-byte fragments'],
    ['send-200-json-deflate', 'send 200-byte JSON, compressed'],
    ['echo-2k-json-deflate-no-context', 'echo 2 KiB JSON, 16 in flight, compressed each by itself'],
    ['connections-2000-64-per-read', 'receive 32-byte text on 2,000 connections, 64 at a time'],
    ['connections-1-1-per-read', 'receive 32-byte text on 1 connection, one at a time'],
    ['opening-wss', 'open a connection and close it, over TLS'],
    ['memory-idle-2000', 'memory of an idle connection, one of 2,000'],
    ['memory-idle-heap-2000', 'heap of an idle connection, one of 2,000'],
    ['memory-peak-64k-binary', 'memory while 1 GiB of 64 KiB binary messages arrives'],
    ['codec-encode-16-text', 'encode 16-byte text'],
  ])('says what %s is', (name, title) => {
    expect(rowTitle(rowByName(name))).toBe(title);
  });

  it('tells all rows apart, and has a unit for each', () => {
    expect(new Set(rows.map(rowTitle)).size).toBe(rows.length);
    for (const { unit } of rows) expect(shortUnit(unit)).toMatch(/^(µs|ms|KiB|MiB)$/);
  });
});

describe('peerTitle', () => {
  it.each([
    ['ws+native', 'ws'],
    ['ws', 'ws without add-ons'],
    ['wsimd-web@deno', 'wsimd/web on Deno'],
    ['builtin@26', 'Node 26’s WebSocket'],
    ['builtin@bun', 'Bun’s WebSocket'],
    ['undici@24', 'undici on Node 24'],
  ])('says who %s is', (peer, title) => {
    expect(peerTitle(peer)).toBe(title);
  });

  it('tells those apart that are measured together', () => {
    const names = candidates.map(({ name }) => name).filter((name) => !/@(bun|deno)$/.test(name));
    expect(new Set(names.map(peerTitle)).size).toBe(names.length);
  });
});

describe('resultsPage', () => {
  const results = [
    result('receive-16-text', { wsimd: 1, 'ws+native': 8, bun: 4, floor: 0.1 }),
    result('receive-1m-text', { wsimd: 1000, 'ws+native': 4000, bun: 790, floor: 250 }),
    result('receive-16k-binary', { wsimd: 12, 'ws+native': 10, bun: 20, floor: 3 }),
  ];
  const page = resultsPage(charts.slice(1, 2), results, ['wsimd', 'ws+native', 'bun', 'floor'], []).replaceAll(
    / +/g,
    ' ',
  );

  it('has what is won and what is lost in one line', () => {
    expect(page).toContain('| receive 16-byte text | 1.00 ±0% | 8.00 ±0% | 4.00 ±0% | 0.100 ±0% | 0.13 | – |');
    expect(page).toContain('| 1,000 ±0% | 4,000 ±0% | 790 ±0% | 250 ±0% | 0.25 | Bun’s WebSocket 0.79 |');
    expect(page).toContain('| 12.0 ±0% | 10.0 ±0% | 20.0 ±0% | 3.00 ±0% | 1.2 | ws 0.83 |');
  });

  it('counts both', () => {
    expect(page).toContain(
      'wsimd needs less than `ws` in 2 of 3 rows. In 2 of 3 another client needs less than wsimd.',
    );
  });

  it('has what each sends of a message where it is compressed', () => {
    const rounds = { wsimd: 53.24, 'ws+native': 46 };
    const sent = Object.entries(rounds).map(([peer, bytesPerMessage]) => [
      peer,
      [{ messages: 1, userMicroseconds: 1, systemMicroseconds: 0, wallMicroseconds: 1, bytesPerMessage }],
    ]);
    const compressed = summarize(rowByName('send-200-json-deflate'), Object.fromEntries(sent));
    const others = resultsPage([], [compressed, ...results], ['wsimd', 'ws+native'], []).replaceAll(/ +/g, ' ');
    expect(others).toContain('| bytes per message sent | wsimd | ws |');
    expect(others).toContain('| send 200-byte JSON, compressed | 53.2 | 46.0 |');
    expect(others.match(/bytes per message sent/g)).toHaveLength(1);
  });

  it('has the charts that were written', () => {
    expect(page.match(/!\[.*/g)).toEqual(['![Receiving messages](receive.svg)']);
  });
});
