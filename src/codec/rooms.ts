// Room that is used again: for what is put together and then handed over as something else, lent, or sent. It does not know
// what is put there.

import type { Bytes } from '../base/bytes';
import { allocate } from './heap';

/**
 * So much is kept for later uses, at most. Fresh memory costs its page faults (1 MiB of text: 0.2 ms); memory that is kept is
 * used by nobody most of the time.
 */
const SPARE_BYTES = 4 * 1024 * 1024;

const spare: Bytes[] = [];
let spareBytes = 0;

/** At least so many bytes; what they hold is of no meaning. Throws what the runtime throws when it has no more. */
export function leaseRoom(length: number): Bytes {
  for (let i = spare.length - 1; i >= 0; i -= 1) {
    const room = spare[i]!;
    if (room.length < length) continue;
    spare.splice(i, 1);
    spareBytes -= room.length;
    return room;
  }
  return allocate(length);
}

/** Gives back what nobody refers to any more. */
export function releaseRoom(room: Bytes): void {
  if (room.length === 0 || room.length > SPARE_BYTES) return;
  // The latest sizes are the likeliest to be asked for again.
  while (spareBytes + room.length > SPARE_BYTES) spareBytes -= spare.shift()!.length;
  spare.push(room);
  spareBytes += room.length;
}
