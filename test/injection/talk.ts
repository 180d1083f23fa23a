// What scenarios have their connections say: messages of each size and kind that the library treats by itself. It does not know
// the faces.

import type { Line } from './lines';
import type { Stage } from './play';

/** Enough of a kind for a run (src/codec/runs.ts). */
export const BURST = 9;
/** Compressed even where each message is compressed by itself. */
export const MIDDLE_BYTES = 1_200;
/** More than a block of wasm memory holds. */
export const LARGE_BYTES = 140_000;

/** Opens it, and has a bystander take its turn behind every few messages. */
export async function opened<Subject extends Line>(stage: Stage, line: Subject): Promise<Subject> {
  stage.add(line);
  line.onReceived = (_, count) => {
    if (count % 4 === 1) stage.during();
    if (count % 4 === 3) line.send(30, count % 8 === 3);
  };
  line.open();
  await stage.turns(4);
  return line;
}

/** Small messages each way, in bursts and alone. */
export async function chat(stage: Stage, line: Line): Promise<void> {
  line.deliver(BURST, 20, false);
  line.send(20, false);
  line.send(MIDDLE_BYTES, true);
  stage.during();
  await stage.turns(1);
  line.deliver(BURST, 40, true);
  line.deliver(2, MIDDLE_BYTES, false, 3);
  await stage.turns(2);
}

/** Large ones each way. */
export async function haul(stage: Stage, line: Line): Promise<void> {
  line.deliver(1, LARGE_BYTES, true);
  line.send(LARGE_BYTES, true);
  line.send(LARGE_BYTES, false);
  stage.during();
  await stage.turns(4);
  line.deliver(1, LARGE_BYTES, false, 2);
  await stage.turns(4);
}
