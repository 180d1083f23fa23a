// The payloads of small messages side by side, so that the host copies all of them at once.

import { EVENT_BYTES, EVENT_LENGTH_SHIFT, GATHER_ALIGNMENT } from './layout';

/** Copies the payloads of `count` entries to `target`, each at a multiple of GATHER_ALIGNMENT. May write 15 bytes past them. */
export function gather(entry: usize, count: i32, target: usize): void {
  const end = entry + <usize>(count * EVENT_BYTES);
  while (entry < end) {
    const from = <usize>load<u32>(entry);
    const length = load<u32>(entry, 4) >>> EVENT_LENGTH_SHIFT;
    if (ASC_FEATURE_SIMD) {
      for (let at: usize = 0; at < <usize>length; at += 16) v128.store(target + at, v128.load(from + at));
    } else {
      memory.copy(target, from, length);
    }
    target += (length + (GATHER_ALIGNMENT - 1)) & -GATHER_ALIGNMENT;
    entry += EVENT_BYTES;
  }
}
