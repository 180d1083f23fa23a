// The contract: what each runtime must do, by one suite. A case throws where it does not, and Impossible where the runtime
// cannot. It runs on every runtime, so it uses nothing that one of them has not.

import { CONTEXTS } from './cases/contexts';
import { ENDING } from './cases/ending';
import { FACES } from './cases/faces';
import { FLOW } from './cases/flow';
import { MESSAGES } from './cases/messages';
import { OPENING } from './cases/opening';
import { WATCHING } from './cases/watching';
import type { Stage } from './stage';

/** By what they show. */
export type Cases = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

export const CASES: Cases = { ...OPENING, ...MESSAGES, ...FLOW, ...ENDING, ...FACES, ...CONTEXTS, ...WATCHING };
