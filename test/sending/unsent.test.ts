// What a connection had accepted and of which nothing has left (src/sending/unsent.ts): told exactly, whatever waits in a block,
// behind a held write, in the midst of a large frame or for its turn to be compressed.

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeflateSettings } from '../../src/handshake/permessage-deflate';
import { Sender } from '../../src/sending/sender';
import type { UnsentMessage } from '../../src/sending/unsent';
import { BusyTransport } from '../support/busy-transport';
import { bytesOf, expectBlocksBack, ScriptedTransport, unexpected } from '../support/outboxes';

expectBlocksBack();

const DEFLATE: DeflateSettings = { keepsContext: true, threshold: 100, options: { windowBits: 15, level: 1 } };

/** The frames that have begun in these bytes; the last of them may be cut. */
function begunIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) {
    const short = bytes[at + 1]! & 0x7f;
    const [header, length] =
      short < 126
        ? [6, short]
        : short === 126
          ? [8, bytes.readUInt16BE(at + 2)]
          : [14, Number(bytes.readBigUInt64BE(at + 2))];
    at += header + length;
  }
  return count;
}

type Data = string | Uint8Array;

/** Short ones as they are; to compare long ones byte by byte takes minutes. */
function shown(data: Data | Blob): string {
  if (data instanceof Blob) return 'blob';
  const bytes = Buffer.from(data as Uint8Array);
  return `${typeof data} ${bytes.length <= 20 ? bytes : `${bytes.length} ${createHash('sha1').update(bytes).digest('hex')}`}`;
}

const datas = (messages: readonly UnsentMessage[]): string[] => messages.map(({ data }) => shown(data as Data | Blob));

function send(sender: Sender, data: Data): void {
  if (typeof data === 'string') sender.text(data, sender.whole(false, true));
  else sender.bytes(data, sender.whole(true, true));
}

/** Lengths around what changes the way of a frame: its header, a block, the pieces of what waits. */
const LENGTH = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(125, 126, 32_700, 32_760, 65_535, 65_536, 131_050, 131_072, 131_080, 262_144, 300_000, 700_001),
);
const DATA: fc.Arbitrary<Data> = fc.oneof(
  LENGTH.map(bytesOf),
  LENGTH.map((length) => 'x'.repeat(length)),
  fc.constantFrom('한글'.repeat(10), '한글 🦊'.repeat(40_000)),
);
type Step = { readonly data: Data } | 'hold' | 'free' | 'release' | 'turn';
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: DATA.map((data) => ({ data })) },
  { weight: 2, arbitrary: fc.constantFrom('hold' as const, 'release' as const) },
  { weight: 2, arbitrary: fc.constantFrom('free' as const, 'turn' as const) },
);

describe.each([
  ['plain', undefined],
  ['compressed', DEFLATE],
])('%s', (_, deflate) => {
  it('all of which the transport got nothing, in order, at any moment', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
        const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
        const transport = new ScriptedTransport();
        sender.open(transport, deflate, true);
        const sent: Data[] = [];
        for (const step of steps) {
          if (step === 'hold') transport.isHolding = true;
          else if (step === 'free') transport.isHolding = false;
          else if (step === 'turn') await setImmediate();
          else if (step === 'release') {
            if (transport.isHeld) transport.release(sender as never);
          } else {
            sent.push(step.data);
            send(sender, step.data);
          }
        }
        const unsent = sender.takeUnsent();
        sender.stop();
        expect(datas(unsent)).toEqual(sent.slice(begunIn(Buffer.concat(transport.writes))).map(shown));
      }),
      { numRuns: deflate === undefined ? 600 : 200 },
    );
  });

  it('what is sent and taken within a write', async () => {
    for (const size of [10, 40_000, 128_100, 131_058, 400_000]) {
      for (const at of [1, 2, 3]) {
        const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
        const sent: Data[] = [];
        let unsent: readonly UnsentMessage[] | undefined;
        let given = 0;
        const transport: BusyTransport = new BusyTransport((number) => {
          if (number !== at) return;
          for (const data of ['within', bytesOf(200_000), 'within, too']) {
            sent.push(data);
            send(sender, data);
          }
          given = begunIn(Buffer.concat(transport.writes));
          unsent = sender.takeUnsent();
          sender.stop();
        });
        sender.open(transport, deflate, true);
        for (const data of ['before', bytesOf(size), bytesOf(size), 'behind']) {
          if (unsent !== undefined) break;
          sent.push(data);
          send(sender, data);
        }
        await setImmediate();
        if (unsent === undefined) sender.stop();
        else expect(datas(unsent)).toEqual(sent.slice(given).map(shown));
      }
    }
  });
});

it('bytes are those that were sent, whatever is done to the array behind that', async () => {
  const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
  const transport = new ScriptedTransport();
  transport.isHolding = true;
  sender.open(transport, DEFLATE, true);
  const bytes = bytesOf(1000);
  send(sender, 'held');
  await setImmediate();
  send(sender, bytes);
  bytes.fill(0);
  expect(datas(sender.takeUnsent())).toEqual([shown(bytesOf(1000))]);
  sender.stop();
});

it('with those who wait for them; who waits for something else is told by stop()', async () => {
  const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
  const transport = new ScriptedTransport();
  transport.isHolding = true;
  sender.open(transport, undefined, true);
  const told: string[] = [];
  const wait = (name: string): void => sender.whenWritten((isWritten) => told.push(`${name} ${isWritten}`));
  send(sender, 'held');
  wait('held');
  await setImmediate();
  for (const name of ['a', 'b']) {
    send(sender, name);
    wait(name);
  }
  sender.ping(bytesOf(3));
  wait('ping');
  sender.blob(new Blob(['blob']), sender.whole(true, true), unexpected);
  wait('blob');
  const unsent = sender.takeUnsent();
  sender.stop();
  expect(told).toEqual(['held false', 'ping false']);
  expect(unsent.map(({ receipts }) => receipts.length)).toEqual([1, 1, 1]);
  for (const { receipts } of unsent) receipts[0]!(true);
  expect(told.slice(2)).toEqual(['a true', 'b true', 'blob true']);
});

it('nothing is kept of what has left, and nothing at all where nobody will ask', async () => {
  const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
  sender.open(new ScriptedTransport(), DEFLATE, true);
  for (let i = 0; i < 1000; i += 1) send(sender, bytesOf(200));
  await setImmediate();
  const { originals } = sender as unknown as { originals: { waiting: { length: number } } };
  expect(originals.waiting.length).toBe(0);
  sender.stop();
  const other = new Sender({ onDrained: () => {}, onBroken: unexpected });
  other.open(new ScriptedTransport(), DEFLATE, false);
  expect((other as unknown as { originals: unknown }).originals).toBeUndefined();
  other.stop();
});
