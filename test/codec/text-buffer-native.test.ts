// The tests of long texts once more, with the way that is taken where the runtime decodes long text faster than the core does,
// and without it: what a decoder tells is the same. On any one runtime, one of the two is not what it takes by itself.

import process from 'node:process';
import { expect, it, vi } from 'vitest';
import { DECODES_LONG_TEXT } from '../../src/codec/text';
import './text-buffer.test';

vi.hoisted(() => {
  const isSlow = Number.parseInt(globalThis.process.versions.node, 10) < 24;
  const versions = { ...globalThis.process.versions, node: isSlow ? '24.0.0' : '22.0.0' };
  vi.stubGlobal('process', Object.create(globalThis.process, { versions: { value: versions } }));
});
vi.unstubAllGlobals();

it('are read as this runtime would not', () => {
  expect(DECODES_LONG_TEXT).toBe(Number.parseInt(process.versions.node, 10) < 24);
});
