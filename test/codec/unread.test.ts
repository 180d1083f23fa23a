// How many bytes a decoder has that no handler has seen: of a message that is not whole, or behind a pause.

import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openCodec } from '../support/codecs';
import { binary, join, pattern, text } from '../support/decoders';
import { encodeFrame } from '../support/reference';

it('are those of a message that is not whole, binary or text', () => {
  const codec = openCodec();
  expect(codec.unreadBytes).toBe(0);
  codec.feed(encodeFrame({ opcode: 2, fin: false, payload: pattern(300) }));
  expect(codec.unreadBytes).toBe(300);
  codec.feed(encodeFrame({ opcode: 0, payload: pattern(20) }));
  expect(codec.unreadBytes).toBe(0);
  codec.feed(encodeFrame({ opcode: 1, fin: false, payload: Buffer.from('hello') }));
  expect(codec.unreadBytes).toBe(5);
  codec.feed(encodeFrame({ opcode: 0, payload: Buffer.from('!') }));
  expect(codec.unreadBytes).toBe(0);
});

it('are those behind a pause, in the chunk that was being read and in later ones', async () => {
  const codec = openCodec({ onMessage: () => codec.pause() });
  codec.feed(join(text('one'), text('two'), binary(pattern(10))));
  const kept = codec.unreadBytes;
  expect(kept).toBeGreaterThanOrEqual(3 + 10);
  codec.feed(text('later'));
  expect(codec.unreadBytes).toBe(kept + 7);
  for (let turn = 0; turn < 4; turn += 1) {
    codec.resume();
    await setImmediate();
  }
  expect(codec.unreadBytes).toBe(0);
});

it('are those of a text alone, and none where nothing came in pieces', () => {
  const codec = openCodec();
  codec.feed(text('whole'));
  expect(codec.unreadBytes).toBe(0);
  codec.feed(encodeFrame({ opcode: 1, fin: false, payload: Buffer.from('pieces') }));
  expect(codec.unreadBytes).toBe(6);
});
