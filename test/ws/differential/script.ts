// A script: what a program does with the client, and what its server does meanwhile.

import type { Stage } from './stage';

export interface Script {
  /** A sentence, by which a difference that we own names it. */
  readonly name: string;
  readonly run: (stage: Stage) => unknown;
}

export function script(name: string, run: Script['run']): Script {
  return { name, run };
}
