// Room for what is put together and then handed over as something else, or only lent: a text that becomes a string, a borrowed
// message. The room is used again, so such a message costs no fresh memory. It does not know what is put there.

import type { Bytes } from '../binary';
import { allocate } from './owned';

/**
 * Kept for the next one, at most: of two, the larger. What is fresh costs its page faults (1 MiB of text: 0.2 ms), what is kept
 * is memory that nobody uses most of the time.
 */
const SPARE_BYTES = 4 * 1024 * 1024;

let spare: Bytes | undefined;

/** At least so many bytes; what they hold is of no meaning. Throws what the runtime throws when it has no more. */
export function leaseRoom(length: number): Bytes {
  if (spare !== undefined && spare.length >= length) {
    const room = spare;
    spare = undefined;
    return room;
  }
  return allocate(length);
}

/** Gives back what nobody refers to any more. */
export function releaseRoom(room: Bytes): void {
  if (room.length > SPARE_BYTES || room.length <= (spare?.length ?? 0)) return;
  spare = room;
}
