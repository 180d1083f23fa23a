// The library entered again near the end of the stack, so that it runs out somewhere inside of it: at another place for each
// distance. Who is entered there may lose what is under way, if that is told, and may fail; nobody gets anything wrong.

import type { NamedAction, Scene } from './actions';
import type { Line } from './lines';

/**
 * Frames between two attempts, of which the first that fits is the last: in Node.js 20 that is the one some 350 frames above the
 * end, most of which the runtime itself asks for.
 */
const STEPS: readonly number[] = Array.from({ length: 20 }, (_, place) => 5 + place);

const MOST_ATTEMPTS = 80;

/** What is done in each attempt. All that these tests need for it is made before: their own stack would run out. */
type Prepare = (scene: Scene) => (attempt: number) => void;

const sending =
  (of: (scene: Scene) => Line, size: number, isBinary: boolean): Prepare =>
  (scene) =>
    of(scene).prepareSend(size, isBinary);

const receiving =
  (of: (scene: Scene) => Line, count: number, size: number, isBinary: boolean): Prepare =>
  (scene) => {
    const line = of(scene);
    const chunks = Array.from({ length: MOST_ATTEMPTS }, () => line.prepareDelivery(count, size, isBinary));
    return (attempt) => chunks[attempt]!();
  };

const DEEP: Readonly<Record<string, Prepare>> = {
  'send compressed': sending(({ targets }) => targets.compressed, 1_300, true),
  'send a text': sending(({ targets }) => targets.plain, 20, false),
  'send a large message': sending(({ targets }) => targets.plain, 140_000, false),
  'feed a decoder': receiving(({ targets }) => targets.framing, 9, 30, false),
  'deliver compressed': receiving(({ targets }) => targets.compressed, 2, 1_300, false),
  'deliver a run': receiving(({ targets }) => targets.plain, 9, 30, true),
  destroy: (scene) => () => scene.targets.plain.destroy(),
  close: (scene) => () => scene.targets.compressed.close(),
};

export const DEEP_ACTIONS: readonly NamedAction[] = Object.entries(DEEP).flatMap(([name, prepare]) =>
  STEPS.map((step) => ({
    name: `${name}, every ${step} frames from the end of the stack`,
    needsTargets: true,
    does: (scene) => {
      const act = prepare(scene);
      // What others have gathered leaves now: their transports would be written to where the stack is at its end.
      scene.company.compressed[0]!.deliver(1, 20, false);
      fromTheEnd(step, act);
    },
  })),
);

/** Calls `act` on the way back from where the stack ran out, every so many frames, until it throws nothing. */
function fromTheEnd(step: number, act: (attempt: number) => void): void {
  let frames = 0;
  let attempts = 0;
  const down = (): void => {
    try {
      down();
      return;
    } catch (error) {
      // What `act` throws is what this is about; the verdict is on what arrives.
      if (!(error instanceof RangeError)) throw error;
    }
    frames += 1;
    if (frames % step !== 0) throw new RangeError('further up');
    attempts += 1;
    if (attempts <= MOST_ATTEMPTS) act(attempts - 1);
  };
  down();
  if (attempts > MOST_ATTEMPTS || attempts === 0) throw new Error('No attempt fits on the stack.');
}
