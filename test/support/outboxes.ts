// Outboxes on a transport that holds writes as long as a test likes: the stalled states of a real socket cannot be provoked
// this exactly.

import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { leaseBlock, releaseBlock } from '../../src/codec/shared';
import { flushAll } from '../../src/sending/flush-queue';
import { Outbox } from '../../src/sending/outbox';
import type { Transport } from '../../src/transport/contract';
import { BINARY, CLOSE, PING, PONG, readFrame, TEXT } from './raw-peer';

/** Takes every write at once, or holds it until `release`. */
export class ScriptedTransport implements Transport {
  /** Every write, as it was when it was handed over. */
  readonly writes: Buffer[] = [];
  readonly endpoints = {};
  isHolding = false;
  private held: Uint8Array | undefined;

  write(bytes: Uint8Array): boolean {
    expect(bytes.length).toBeGreaterThan(0);
    expect(this.held).toBeUndefined();
    this.writes.push(Buffer.from(bytes));
    if (this.isHolding) this.held = bytes;
    return !this.isHolding;
  }

  get isHeld(): boolean {
    return this.held !== undefined;
  }

  /** Bytes that left for good. */
  get takenBytes(): number {
    return this.writes.reduce((sum, { length }) => sum + length, 0) - (this.held?.length ?? 0);
  }

  /** The held write is finished: until now not a byte of it may have changed. */
  release(outbox: Outbox): void {
    expect(this.writes.at(-1)!.equals(this.held!)).toBe(true);
    this.held = undefined;
    outbox.onWritten();
  }

  read(): void {}

  startTls(): void {
    throw new Error('An outbox begins no TLS.');
  }

  close(): void {}

  /** Everything written, as frames: `text hello`, `binary <3>`, `ping p`, … */
  async frames(): Promise<string[]> {
    const bytes = Buffer.concat(this.writes);
    let at = 0;
    const read = async (count: number): Promise<Buffer> => {
      const start = at;
      at += count;
      expect(at).toBeLessThanOrEqual(bytes.length);
      return bytes.subarray(start, at);
    };
    const frames: string[] = [];
    while (at < bytes.length) {
      const { first, isMasked, payload } = await readFrame(read);
      expect(isMasked).toBe(true);
      frames.push(describeFrame(first, payload));
    }
    return frames;
  }
}

const NAMES = new Map([
  [TEXT, 'text'],
  [BINARY, 'binary'],
  [PING, 'ping'],
  [PONG, 'pong'],
  [CLOSE, 'close'],
]);

/** Short payloads as they are, long ones by their length and a sum that depends on the place of every byte. */
export function describeFrame(first: number, payload: Uint8Array): string {
  if (payload.length <= 100) return `${NAMES.get(first)} ${Buffer.from(payload)}`;
  let sum = 0;
  for (const byte of payload) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return `${NAMES.get(first)} <${payload.length}> ${sum}`;
}

/** Bytes that differ from one place to the next. */
export function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i ^ (i >> 8) ^ (i >> 16));
}

/** The size of a masked frame (RFC 6455 §5.2). */
export function frameBytes(length: number): number {
  return length + (length < 126 ? 6 : length < 65_536 ? 8 : 14);
}

export function opened(onDrained?: () => void): { outbox: Outbox; transport: ScriptedTransport } {
  const outbox = new Outbox(onDrained && { onDrained, onBroken: unexpected });
  const transport = new ScriptedTransport();
  outbox.open(transport);
  return { outbox, transport };
}

/** An outbox that waits behind a held write of one text, `held`. */
export async function stalled(onDrained?: () => void): Promise<{ outbox: Outbox; transport: ScriptedTransport }> {
  const { outbox, transport } = opened(onDrained);
  transport.isHolding = true;
  outbox.text('held', TEXT);
  await setImmediate();
  expect(outbox.isStalled).toBe(true);
  return { outbox, transport };
}

/** After each test of the file, every block that was free before it is free again. Returns how many those were. */
export function expectBlocksBack(): () => number {
  let freeBlocks = 0;

  beforeEach(() => {
    freeBlocks = countFreeBlocks();
  });

  afterEach(() => {
    flushAll();
    expect(countFreeBlocks()).toBe(freeBlocks);
  });

  return () => freeBlocks;
}

export function unexpected(cause: unknown): never {
  throw cause;
}

/** Takes and gives back every block that is free. */
export function countFreeBlocks(): number {
  const blocks: number[] = [];
  for (let block = leaseBlock(); block !== 0; block = leaseBlock()) blocks.push(block);
  for (const block of blocks) releaseBlock(block);
  return blocks.length;
}
