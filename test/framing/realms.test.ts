// Values of another realm in wsimd/framing.

import { describe, expect, it } from 'vitest';
import { Decoder, Encoder } from '../../src/framing';
import { FOREIGN_BYTES, foreign } from '../support/foreign-values';
import { BINARY, frame } from '../support/raw-peer';

const encoder = new Encoder({ role: 'server' });

describe.each(FOREIGN_BYTES)('%s of another realm', (_, make) => {
  it('is bytes in each method of an encoder', () => {
    const bytes = make() as Uint8Array;
    const expected = [3, 1, 2, 3];
    expect([...encoder.binary(bytes).subarray(1)]).toEqual(expected);
    expect([...encoder.ping(bytes).subarray(1)]).toEqual(expected);
    expect([...encoder.pong(bytes).subarray(1)]).toEqual(expected);
    expect([...encoder.frame({ opcode: 2, payload: bytes }).subarray(1)]).toEqual(expected);
  });
});

it('a Uint8Array of another realm is where a frame is written to, and is fed', () => {
  const into = foreign<Uint8Array>('new Uint8Array(16)');
  const written = encoder.binary(Uint8Array.of(1, 2, 3), into);
  expect([[...written], written.buffer === into.buffer]).toEqual([[BINARY, 3, 1, 2, 3], true]);
  const heard: unknown[] = [];
  const decoder = new Decoder({ role: 'client', onMessage: (data) => heard.push([...(data as Uint8Array)]) });
  const chunk = foreign<(bytes: number[]) => Uint8Array>('(bytes) => new Uint8Array(bytes)')([...frame(BINARY, 'ab')]);
  decoder.feed(chunk);
  decoder.close();
  expect(heard).toEqual([[97, 98]]);
});

it('bytes that were transferred are one clear error everywhere', () => {
  const bytes = new Uint8Array(3);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  const decoder = new Decoder({ role: 'client' });
  const calls = [
    () => encoder.binary(bytes),
    () => encoder.binary(bytes.buffer),
    () => encoder.ping(bytes),
    () => encoder.pong(bytes),
    () => encoder.frame({ opcode: 2, payload: bytes }),
    () => decoder.feed(bytes),
  ];
  for (const call of calls)
    expect(call).toThrow(new TypeError('The ArrayBuffer is detached: its bytes were transferred.'));
  decoder.close();
});
