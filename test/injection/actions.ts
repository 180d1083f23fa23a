// What is done at the chosen call: what is thrown, and how the library is entered again. It does not know when.

import { inspect } from 'node:util';
import type { Company } from './company';
import type { Line } from './lines';

/** What an action finds around it. */
export interface Scene {
  readonly company: Company;
  /** The connection whose calls are counted; the first of them, where there are several. */
  readonly subject: Line | undefined;
  /** One that may be ended. */
  readonly victim: Line;
  /** What may lose messages and fail, but not get anything wrong. */
  readonly targets: Targets;
  /** Opens a connection that has to work. */
  dial(): void;
}

export interface Targets {
  readonly plain: Line;
  readonly compressed: Line;
  readonly framing: Line;
}

export interface NamedAction {
  readonly name: string;
  readonly does: (scene: Scene) => void;
  /** Whether it does something to the scene's targets, which are opened for it alone. */
  readonly needsTargets?: boolean;
  /** False: it throws what cannot be shown. */
  readonly isPrintable?: boolean;
}

/** An error with a fault in how it shows itself. */
class Unprintable extends Error {
  override get message(): string {
    throw new TypeError('The message cannot be read.');
  }

  [inspect.custom](): string {
    throw new TypeError('It cannot be shown.');
  }
}

const throwing = (name: string, make: () => unknown): NamedAction => ({
  name: `throw ${name}`,
  does: () => {
    throw make();
  },
});

export const THROWS: readonly NamedAction[] = [
  throwing('an error', () => new Error('injected')),
  { ...throwing('an unprintable error', () => new Unprintable()), isPrintable: false },
  throwing('undefined', () => undefined),
  throwing('a RangeError', () => new RangeError('Maximum call stack size exceeded')),
];

export const REENTRIES: readonly NamedAction[] = [
  {
    name: 'send on other compressed connections',
    does: ({ company }) => {
      for (const line of company.compressed) {
        line.send(1_200, true);
        line.send(40, false);
      }
    },
  },
  {
    name: 'feed another decoder',
    does: ({ company }) => {
      company.framing.deliver(9, 30, false);
      company.framing.deliver(9, 30, true);
    },
  },
  {
    name: 'deliver to another connection',
    does: ({ company }) => {
      company.plain.deliver(9, 30, false);
      company.plain.deliver(9, 30, true);
    },
  },
  {
    name: 'deliver to one whose transport has asked early',
    does: ({ company }) => {
      company.early.deliver(3, 30, false);
      company.early.deliver(1, 1_200, true);
    },
  },
  {
    name: 'cork another connection',
    does: ({ company }) => {
      company.plain.connection.cork(() => {
        for (let count = 0; count < 3; count += 1) company.plain.send(50, count === 1);
      });
    },
  },
  { name: 'dial', does: (scene) => scene.dial() },
  { name: 'destroy itself', does: ({ subject }) => subject?.destroy() },
  { name: 'destroy another', does: ({ victim }) => victim.destroy() },
  { name: 'close itself', does: ({ subject }) => subject?.close() },
  {
    name: 'send on itself',
    does: ({ subject }) => {
      if (subject === undefined) return;
      // In the midst of a send, which has no order to one that is made there; what is sent as it opens goes before what was sent
      // earlier.
      if (subject.isSending || !subject.isOpen) subject.toServer.slack += 3;
      subject.send(30, false);
      subject.send(1_300, true);
    },
  },
  {
    name: 'deliver to itself',
    does: ({ subject }) => {
      if (subject?.isOpen !== true) return;
      // It answers some of them.
      if (subject.isSending) subject.toServer.slack += 4;
      subject.deliver(9, 25, false);
      subject.deliver(1, 1_300, true);
    },
  },
];
