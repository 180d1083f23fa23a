// The static regions: the compiler assigns their addresses, the host reads them once at load. Untouched pages cost
// nothing: the operating system commits them at the first write.

import {
  BLOCK_BYTES,
  BLOCKS,
  EVENT_BYTES,
  HEADROOM_BYTES,
  INFLATED_BYTES,
  KEYS_BYTES,
  NESTED_LEVELS,
  NESTED_WINDOW_BYTES,
  RECORD_BYTES,
  RECORDS,
  SCRATCH_BYTES,
  SLACK_BYTES,
  WINDOW_BYTES,
} from './layout';

// The smallest frame has 2 bytes and makes one event, and a fault may follow: no chunk can overflow its tape.

/** Where the transport reads to. */
export const WINDOW: usize = memory.data(HEADROOM_BYTES + WINDOW_BYTES + SLACK_BYTES, 64) + HEADROOM_BYTES;
/** The events of the chunk in the window. */
export const TAPE: usize = memory.data((WINDOW_BYTES / 2 + 2) * EVENT_BYTES, 64);
/** NESTED_LEVELS windows, one behind the other, each with its head-room. */
export const NESTED_WINDOWS: usize = memory.data(
  NESTED_LEVELS * (HEADROOM_BYTES + NESTED_WINDOW_BYTES + SLACK_BYTES),
  64,
);
/** And their tapes. */
export const NESTED_TAPES: usize = memory.data(NESTED_LEVELS * (NESTED_WINDOW_BYTES / 2 + 2) * EVENT_BYTES, 64);
export const SEND_BLOCKS: usize = memory.data(BLOCKS * (BLOCK_BYTES + SLACK_BYTES), 64);
/** A send block that nobody leases: frames pass through it on their way to the heap. */
export const STAGING: usize = memory.data(BLOCK_BYTES + SLACK_BYTES, 64);
/** Where the host inflates to, a place for each level of feeds; see text-buffer.ts for what it lays in front. */
export const INFLATED: usize =
  memory.data(NESTED_LEVELS * (HEADROOM_BYTES + INFLATED_BYTES + SLACK_BYTES), 64) + HEADROOM_BYTES;
export const KEYS: usize = memory.data(KEYS_BYTES, 64);
export const SCRATCH: usize = memory.data(SCRATCH_BYTES + SLACK_BYTES, 64);
export const CONNECTION_RECORDS: usize = memory.data(RECORDS * RECORD_BYTES, 64);
