// What ships as core.wasm: its surface, size and memory; and the numbers that it shares with the host.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as layout from '../../assembly/layout';
import { binaryPath, loadCore } from '../support/core';

const KIB = 1024;

describe('core.wasm', () => {
  const binary = readFileSync(binaryPath);
  const module = new WebAssembly.Module(binary);

  it('is at most 12 KB', () => {
    expect(binary.length).toBeLessThanOrEqual(12 * KIB);
  });

  it('imports nothing: it can be instantiated anywhere, and reaches nothing', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  it('exports what assembly/index.ts lists, and its memory', () => {
    const names = (kind: string): string[] =>
      WebAssembly.Module.exports(module)
        .filter((entry) => entry.kind === kind)
        .map(({ name }) => name)
        .sort();
    const functions = [
      'decode',
      'encode',
      'encodeText',
      'gather',
      'mask',
      'skip',
      'takeInflated',
      'utf16ToUtf8',
      'utf8Length',
      'utf8ToLatin1',
      'utf8ToUtf16',
      'writeHeader',
    ];
    expect(names('function')).toEqual(functions);
    expect(names('global')).toEqual(['TABLES_END']);
    expect(names('memory')).toEqual(['memory']);
    expect(names('table')).toEqual([]);
  });

  it('has a memory that can never grow: its views never detach', () => {
    const { core } = loadCore();
    const { buffer } = core.memory;
    expect(() => core.memory.grow(1)).toThrow(RangeError);
    expect(core.memory.buffer).toBe(buffer);
  });

  const { core } = loadCore();
  const { EVENT_BYTES, HEADROOM_BYTES, SLACK_BYTES, WINDOW_BYTES } = layout;
  const { NESTED_LEVELS, NESTED_WINDOW_BYTES, BLOCKS, BLOCK_BYTES } = layout;
  const { INFLATED_BYTES, KEYS_BYTES, SCRATCH_BYTES, RECORDS, RECORD_BYTES } = layout;
  // A frame has at least two bytes and makes at most one event; a cut one from before and a fault may come on top.
  const tapeBytes = (windowBytes: number): number => (windowBytes / 2 + 2) * EVENT_BYTES;
  const regions = [
    // Its address is behind its head-room.
    { name: 'WINDOW', before: HEADROOM_BYTES, size: WINDOW_BYTES + SLACK_BYTES },
    { name: 'TAPE', size: tapeBytes(WINDOW_BYTES) },
    { name: 'NESTED_WINDOWS', size: NESTED_LEVELS * (HEADROOM_BYTES + NESTED_WINDOW_BYTES + SLACK_BYTES) },
    { name: 'NESTED_TAPES', size: NESTED_LEVELS * tapeBytes(NESTED_WINDOW_BYTES) },
    { name: 'SEND_BLOCKS', size: BLOCKS * (BLOCK_BYTES + SLACK_BYTES) },
    { name: 'STAGING', size: BLOCK_BYTES + SLACK_BYTES },
    { name: 'INFLATED', before: HEADROOM_BYTES, size: INFLATED_BYTES + SLACK_BYTES },
    { name: 'KEYS', size: KEYS_BYTES },
    { name: 'SCRATCH', size: SCRATCH_BYTES + SLACK_BYTES },
    { name: 'CONNECTION_RECORDS', size: RECORDS * RECORD_BYTES },
  ].map(({ name, before = 0, size }) => {
    const address = (layout as Record<string, number>)[name]!;
    return { name, start: address - before, end: address + size };
  });

  it('has regions that are aligned, in bounds and apart from each other', () => {
    const byAddress = [...regions].sort((a, b) => a.start - b.start);
    let last = { name: 'the tables', end: core.TABLES_END.value };
    for (const region of byAddress) {
      expect(region.start, `${region.name} begins behind ${last.name}`).toBeGreaterThanOrEqual(last.end);
      expect(region.start % 16, `${region.name} is aligned`).toBe(0);
      last = region;
    }
    expect(last.end, last.name).toBeLessThanOrEqual(layout.MEMORY_BYTES);
    expect(core.memory.buffer.byteLength).toBe(layout.MEMORY_BYTES);
  });

  it('has room on a tape for the most events that a window can hold: empty frames only', () => {
    const { core, bytes } = loadCore();
    const record = layout.CONNECTION_RECORDS;
    const window = layout.WINDOW;
    // The last byte of a ping that an earlier chunk has cut, then pings without a payload, then a byte that is a fault.
    bytes.set([0x89, 0x01], window);
    expect(core.decode(record, window, 2, layout.TAPE)).toBe(0);
    for (let at = 1; at < WINDOW_BYTES; at += 2) bytes.set([0x89, 0x00], window + at);
    bytes[window + WINDOW_BYTES - 1] = 0xff;
    const count = core.decode(record, window, WINDOW_BYTES, layout.TAPE);
    expect(count).toBe(WINDOW_BYTES / 2 + 1);
    expect(count * EVENT_BYTES).toBeLessThanOrEqual(tapeBytes(WINDOW_BYTES));
  });

  it.each([
    ['one frame', [0x82, 2, 0, 0]],
    ['two frames', [0x02, 1, 0, 0x80, 1, 0]],
    ['a first frame and an empty one', [0x02, 2, 0, 0, 0x80, 0]],
  ])('and messages of %s that are larger than the smallest limit, where that is told', (_, message) => {
    const { core, bytes, words } = loadCore();
    const record = layout.CONNECTION_RECORDS;
    const window = layout.WINDOW;
    bytes[record + layout.RECORD_LIMIT] = layout.LIMIT_TOLD;
    words[(record + layout.RECORD_MAX_MESSAGE) >> 2] = 1;
    words[(record + layout.RECORD_MAX_FRAGMENTS) >> 2] = 100;
    // Of the first one, the earlier chunk has a part of the header; and the last byte is a fault.
    bytes.set(message, window);
    expect(core.decode(record, window, 1, layout.TAPE)).toBe(0);
    for (let at = 0; at < WINDOW_BYTES; at += 1) bytes[window + at] = message[(at + 1) % message.length]!;
    bytes[window + WINDOW_BYTES - 1] = 0xff;
    const count = core.decode(record, window, WINDOW_BYTES, layout.TAPE);
    expect(count).toBeGreaterThan(WINDOW_BYTES / 4);
    expect(count * EVENT_BYTES).toBeLessThanOrEqual(tapeBytes(WINDOW_BYTES));
  });
});

describe('layout.ts', () => {
  const constants = Object.entries(layout as Record<string, number>);
  const named = (prefix: string): [string, number][] => constants.filter(([name]) => name.startsWith(prefix));

  it('has fields of a record that lie apart, aligned and inside it', () => {
    const { CONTROL_MAX, RECORD_BYTES } = layout;
    // Sizes as the comments of layout.ts have them: those that are not named here have one byte.
    const sizes: Record<string, number> = { RECORD_STAGED: CONTROL_MAX };
    for (const name of ['REMAINING', 'RECEIVED', 'MAX_MESSAGE', 'REFUSED']) sizes[`RECORD_${name}`] = 8;
    for (const name of ['MAX_FRAGMENTS', 'FRAGMENTS', 'KEY', 'UTF8']) sizes[`RECORD_${name}`] = 4;
    const fields = named('RECORD_')
      .filter(([name]) => name !== 'RECORD_BYTES')
      .sort(([, a], [, b]) => a - b);
    expect(fields.length).toBeGreaterThan(10);
    let end = 0;
    for (const [name, offset] of fields) {
      const size = sizes[name] ?? 1;
      expect(offset, name).toBeGreaterThanOrEqual(end);
      if (size === 4 || size === 8) expect(offset % size, name).toBe(0);
      end = offset + size;
    }
    expect(end).toBeLessThanOrEqual(RECORD_BYTES);
  });

  it('has flags of an event that share no bit, and lengths that have room beside them', () => {
    const { EVENT_OPCODE, EVENT_LENGTH_SHIFT, EVENT_FAULT, EVENT_BEYOND, MOST_TOLD, WINDOW_BYTES } = layout;
    const { OP_TEXT, OP_BINARY, OP_CLOSE, OP_PONG } = layout;
    const flags = named('EVENT_').filter(([name]) => !/BYTES|SHIFT|OPCODE|FAULT|BEYOND/.test(name));
    let used = EVENT_OPCODE;
    for (const [name, bit] of flags) {
      expect(used & bit, name).toBe(0);
      used |= bit;
    }
    expect(flags.length).toBe(6);
    expect(used).toBeLessThan(2 ** EVENT_LENGTH_SHIFT);
    expect(WINDOW_BYTES * 2 ** EVENT_LENGTH_SHIFT).toBeLessThan(2 ** 32);
    expect(EVENT_FAULT).toBeGreaterThan(OP_PONG);
    // Neither opcode nor fault, with either of the opcodes of messages in it.
    const beyond = [OP_TEXT, OP_BINARY].map((opcode) => EVENT_BEYOND | opcode);
    for (const one of beyond)
      expect([one > OP_PONG, one < EVENT_FAULT, (one & OP_CLOSE) !== 0]).toEqual([true, true, true]);
    expect(MOST_TOLD).toBe(2 ** (32 - EVENT_LENGTH_SHIFT) - 1);
  });

  it('gives every fault a number of its own', () => {
    const numbers = named('FAULT_').map(([, fault]) => fault);
    expect(numbers).toEqual([...new Set(numbers)]);
    expect(Math.min(...numbers)).toBeGreaterThan(0);
  });
});
