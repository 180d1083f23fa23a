// Compressed messages refer to those in front of them, so what is compressed has to leave in that order (RFC 7692 §7.1.1):
// whatever the transport sends while it is written to, on this connection or on another, and behind Blobs and long messages that
// are compressed in turns.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { leaseRoom } from '../../src/codec/rooms';
import { leaseSpareBlock, releaseBlock } from '../../src/codec/shared';
import { Sender } from '../../src/sending/sender';
import { BusyTransport } from '../support/busy-transport';
import { PeerInflate, RSV1 } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { expectBlocksBack, unexpected } from '../support/outboxes';
import { readFrame } from '../support/raw-peer';

expectBlocksBack();

afterEach(() => {
  vi.restoreAllMocks();
});

const DEFLATE = { keepsContext: true, threshold: 0, options: { windowBits: 15, level: 4 } };

interface Peer {
  readonly sender: Sender;
  readonly transport: BusyTransport;
}

function open(during: (peer: Peer, number: number) => void = () => {}): Peer {
  const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
  const transport: BusyTransport = new BusyTransport((number) => during(peer, number));
  const peer: Peer = { sender, transport };
  sender.open(transport, DEFLATE, false);
  return peer;
}

/** Until nothing waits any more: what is long is compressed in turns. */
async function settle({ sender, transport }: Peer): Promise<void> {
  transport.isHolding = false;
  for (let turn = 0; turn < 1_000; turn += 1) {
    await setImmediate();
    if (transport.isHeld) release(transport, sender);
    if (sender.size === 0 && !sender.isStalled) return;
    if (turn > 100) await setTimeout(1);
  }
  throw new Error('What was sent does not leave.');
}

function release(transport: BusyTransport, sender: Sender): void {
  transport.release(sender as never);
}

/** All messages, inflated with the context of those before. */
async function messages({ transport }: Peer): Promise<string[]> {
  const bytes = Buffer.concat(transport.writes);
  const inflate = new PeerInflate();
  const told: string[] = [];
  let at = 0;
  const read = async (count: number): Promise<Buffer> => {
    at += count;
    expect(at).toBeLessThanOrEqual(bytes.length);
    return bytes.subarray(at - count, at);
  };
  while (at < bytes.length) {
    const { first, payload } = await readFrame(read);
    told.push(String((first & RSV1) === 0 ? payload : inflate.message(payload)));
  }
  return told;
}

const short = (mark: string): string => `${mark}, and what all of them have in common: ${'abcdefgh'.repeat(5)}`;
const long = (mark: string): string =>
  `${mark} ${Array.from({ length: 20_000 }, (_, i) => `${mark}${i * 7919}`).join()}`;

function send(sender: Sender, content: string, as: 'text' | 'bytes' | 'blob'): string {
  if (as === 'text') sender.text(content, sender.whole(false, true));
  else if (as === 'bytes') sender.bytes(Buffer.from(content), sender.whole(true, true));
  else sender.blob(new Blob([content]), sender.whole(true, true), unexpected);
  return content;
}

describe.each(['text', 'bytes', 'blob'] as const)('%s sent within a write', (as) => {
  it.each(['text', 'bytes', 'blob'] as const)(
    'of %s: every stream inflates to its messages, in order',
    async (outerAs) => {
      const others = [open(), open()];
      const otherSent = others.map((): string[] => []);
      const nested: string[] = [];
      const peer = open(({ sender }, number) => {
        if (number > 4) return;
        const content = number % 2 === 0 ? short : long;
        nested.push(send(sender, content(`nested ${number}`), as));
        for (const [i, other] of others.entries()) {
          otherSent[i]!.push(send(other.sender, short(`other ${number}`), as));
          other.sender.flush();
        }
      });
      const top: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        top.push(send(peer.sender, short(`short ${round}`), outerAs));
        top.push(send(peer.sender, long(`long ${round}`), outerAs));
        top.push(send(peer.sender, short(`last ${round}`), 'text'));
        if (round === 1) await settle(peer);
      }
      await settle(peer);
      for (const [i, other] of others.entries()) {
        await settle(other);
        expect(await messages(other)).toEqual(otherSent[i]);
      }
      const told = await messages(peer);
      expect(told.filter((message) => nested.includes(message))).toEqual(nested);
      expect(told.filter((message) => !nested.includes(message))).toEqual(top);
      expect(nested.length).toBeGreaterThan(2);
    },
  );
});

it('in front of a block that is full: what is sent while it leaves is compressed first, and referred to by what comes then', async () => {
  const sent: string[] = [];
  const peer = open(({ sender }, number) => {
    if (number <= 5) sent.push(send(sender, short(`nested ${number}`), 'text'));
  });
  // It compresses to half of it, so that a block is full behind some twenty.
  const noise = (i: number): string => Buffer.from(pattern(6_000, i + 1)).toString('hex');
  const top: string[] = [];
  for (let i = 0; i < 60; i += 1) top.push(send(peer.sender, noise(i * 31), 'text'));
  await settle(peer);
  const told = await messages(peer);
  expect(told.filter((message) => sent.includes(message))).toEqual(sent);
  expect(told.filter((message) => !sent.includes(message))).toEqual(top);
  expect(sent.length).toBeGreaterThan(1);
});

describe('an exception between compressing and sending', () => {
  it.each([1, 2, 3, 4, 5])('(allocation %i) leaves a stream that the peer can still inflate', async (failing) => {
    const peer = open();
    peer.transport.isHolding = true;
    const told = [send(peer.sender, short('held'), 'text')];
    peer.sender.flush();
    // What waits has to be on the heap, in memory that has to be made.
    const blocks: number[] = [];
    for (let block = leaseSpareBlock(); block !== 0; block = leaseSpareBlock()) blocks.push(block);
    for (let i = 0; i < 64; i += 1) leaseRoom(1);
    const { allocUnsafeSlow } = Buffer;
    let calls = 0;
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => {
      calls += 1;
      if (calls === failing) throw new RangeError('Array buffer allocation failed');
      return allocUnsafeSlow(size);
    });
    let failures = 0;
    for (let i = 0; i < 1_000; i += 1) {
      // Of all lengths, so that blocks and rooms on the heap are needed.
      const content = `${i} ${Array.from({ length: 1_000 }, (_, at) => ((at * 7919 + i * 31) % 9973).toString(36)).join('')}`;
      try {
        told.push(send(peer.sender, content, i % 2 === 0 ? 'text' : 'bytes'));
      } catch (error) {
        expect(String(error)).toContain('allocation failed');
        failures += 1;
      }
    }
    vi.restoreAllMocks();
    told.push(send(peer.sender, short('behind it'), 'text'));
    await settle(peer);
    for (const block of blocks) releaseBlock(block);
    expect(failures).toBe(1);
    expect(await messages(peer)).toEqual(told);
  });

  it('(of what a Blob came to) leaves one too: what follows refers to nothing of it', async () => {
    const peer = open();
    const told = [send(peer.sender, short('first'), 'text')];
    peer.transport.isHolding = true;
    told.push(send(peer.sender, short('held'), 'text'));
    peer.sender.flush();
    const blocks: number[] = [];
    for (let block = leaseSpareBlock(); block !== 0; block = leaseSpareBlock()) blocks.push(block);
    for (let i = 0; i < 64; i += 1) leaseRoom(1);
    const unread: unknown[] = [];
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    // It compresses to no less, and so needs a room of its own.
    const content = pattern(300_000);
    peer.sender.blob(new Blob([content]), peer.sender.whole(true, true), (cause) => unread.push(cause));
    for (let turn = 0; turn < 500 && unread.length === 0; turn += 1) await setTimeout(1);
    vi.restoreAllMocks();
    expect(String(unread)).toContain('allocation failed');
    const end = Buffer.from(content.subarray(-20_000));
    peer.sender.bytes(end, peer.sender.whole(true, true));
    told.push(String(end));
    await settle(peer);
    for (const block of blocks) releaseBlock(block);
    expect(await messages(peer)).toEqual(told);
  });
});
