// How much garbage is made beside the ArrayBuffers of messages: little in a small heap, more in a large one where V8 would collect all
// of it for their sake.

import { afterEach, expect, it, vi } from 'vitest';

const MIB = 1024 * 1024;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Bytes of garbage that `length` more bytes make on a version of Node.js whose heap has that size. */
async function garbageBeside(node: string, heapBytes: number, length: number): Promise<number> {
  vi.resetModules();
  let looks = 0;
  const statistics = () => {
    looks += 1;
    return [
      { space_name: 'new_space', space_used_size: 100 * MIB },
      { space_name: 'old_space', space_used_size: heapBytes },
    ];
  };
  vi.stubGlobal(
    'process',
    Object.create(process, {
      versions: { value: { ...process.versions, node } },
      getBuiltinModule: {
        value: (name: string) => (name === 'node:v8' ? { getHeapSpaceStatistics: statistics } : undefined),
      },
    }),
  );
  const { remindCollector } = await import('../../src/runtime/allocator');
  for (let i = 0; i < 65; i += 1) remindCollector(MIB);
  vi.unstubAllGlobals();
  expect(looks).toBe(node.startsWith('2') && Number.parseInt(node, 10) >= 24 ? 1 : 0);
  let elements = 0;
  const Real = Array;
  vi.stubGlobal(
    'Array',
    class extends Real {
      constructor(count: number) {
        super(count);
        elements += count;
      }
    },
  );
  remindCollector(length);
  vi.unstubAllGlobals();
  return elements * 8;
}

it.each([
  ['a sixteenth in a small heap', '26.10.0', 3 * MIB, 1 / 16],
  ['four fifths in a large one', '26.10.0', 21 * MIB, 4 / 5],
  ['the same on Node.js 24', '24.21.0', 21 * MIB, 4 / 5],
  ['and a sixteenth before that, whatever the heap', '22.23.0', 100 * MIB, 1 / 16],
  ['… on Node.js 20', '20.20.0', 100 * MIB, 1 / 16],
])('%s', async (_, node, heapBytes, part) => {
  for (const length of [64 * 1024, MIB]) {
    const ratio = (await garbageBeside(node, heapBytes, length)) / length;
    expect(ratio).toBeCloseTo(part, 2);
  }
});
