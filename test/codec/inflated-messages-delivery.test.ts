// How inflated messages are told: lent or the receiver's own, as they come or all at once, and what a handler may do meanwhile.
// What they inflate to is in codec/inflated-messages.test.ts.

import { describe, expect, it } from 'vitest';
import { Encoder } from '../../src/framing';
import { PeerDeflate } from '../support/compressed-frames';
import { close, open, pattern } from '../support/decoders';

const SIZES = [0, 1, 1_000, 131_071, 131_072, 131_073, 400_000];

describe.each(['own', 'borrow'] as const)('binaryDelivery %s', (binaryDelivery) => {
  it('tells messages of every size byte by byte as they were, in one frame or in three', () => {
    const peer = new PeerDeflate();
    const told: Buffer[] = [];
    const decoder = open({
      perMessageDeflate: true,
      binaryDelivery,
      onMessage: (data) => told.push(Buffer.from(data as Uint8Array)),
    });
    for (const size of SIZES) {
      const content = pattern(size, size + 1);
      const [a, b] = [size >> 2, size >> 1];
      decoder.feed(peer.frame(2, content));
      decoder.feed(Buffer.concat(peer.frames(2, content.subarray(0, a), content.subarray(a, b), content.subarray(b))));
      expect(told.splice(0).map((data) => data.equals(content))).toEqual([true, true]);
    }
  });

  it('leaves a message as it is while its handler sends and feeds another decoder', () => {
    const peer = new PeerDeflate();
    const other = open({ perMessageDeflate: true, binaryDelivery });
    const noise = new PeerDeflate().frame(2, pattern(200_000, 9));
    const encoder = new Encoder({ role: 'client', perMessageDeflate: true });
    const told: boolean[] = [];
    const contents = SIZES.map((size) => Buffer.from(pattern(size, size + 1)));
    const decoder = open({
      perMessageDeflate: true,
      binaryDelivery,
      onMessage: (data) => {
        other.feed(noise);
        encoder.text('é'.repeat(50_000));
        encoder.binary(pattern(150_000));
        told.push(contents[told.length]!.equals(data as Uint8Array));
      },
    });
    // All in one chunk: what comes next has been read already.
    let failure = '';
    try {
      decoder.feed(Buffer.concat(contents.map((content) => peer.frame(2, content))));
    } catch (error) {
      failure = String(error);
    }
    encoder.dispose();
    expect([failure, told]).toEqual(['', SIZES.map(() => true)]);
  });
});

describe('a handler', () => {
  it('that closes its decoder hears nothing more, nor does what came behind it matter', () => {
    const peer = new PeerDeflate();
    const told: unknown[] = [];
    const decoder = open({
      perMessageDeflate: true,
      onMessage: (data) => {
        told.push(data);
        close(decoder);
      },
    });
    decoder.feed(Buffer.concat([peer.frame(1, 'first'), peer.frame(1, 'second')]));
    expect(told).toEqual(['first']);
  });

  it('that throws loses nothing of what follows', () => {
    const peer = new PeerDeflate();
    const told: unknown[] = [];
    const decoder = open({
      perMessageDeflate: true,
      onMessage: (data) => {
        told.push(data);
        if (told.length === 1) throw new Error('mine');
      },
    });
    const bytes = Buffer.concat([
      peer.frame(1, 'the same'),
      ...peer.frames(1, 'the ', 'same'),
      peer.frame(1, 'the same'),
    ]);
    expect(() => decoder.feed(bytes)).toThrow('mine');
    expect(told).toEqual(['the same', 'the same', 'the same']);
  });

  it('that feeds its own decoder is told of that behind what it has been fed before', () => {
    const peer = new PeerDeflate();
    const [first, second, third] = ['first', 'second', 'third'].map((message) => peer.frame(1, message));
    const told: unknown[] = [];
    const decoder = open({
      perMessageDeflate: true,
      onMessage: (data) => {
        told.push(data);
        if (data === 'first') decoder.feed(third!);
      },
    });
    decoder.feed(Buffer.concat([first!, second!]));
    expect(told).toEqual(['first', 'second', 'third']);
  });
});
