// Faults injected into each call out of the drop-in for `ws`, one at a time: whatever throws or enters it again there, nobody gets
// another's bytes, no bystander is disturbed, nothing is left. What is injected and how it is judged is in injection/.

import { describe } from 'vitest';
import type { NamedAction } from './injection/actions';
import type { Kind } from './injection/calls';
import { itInjected, itPlays } from './injection/expectations';
import { actionsFor } from './injection/play';
import { dropInContext, dropInPatient, dropInPlain, dropInSending, dropInStream } from './injection/scenarios/drop-in';

/** A stream of Node reads the stack of what is thrown in it, and so its message: one that cannot be read is uncaught, with `ws` too. */
const printable = (kind: Kind): readonly NamedAction[] =>
  actionsFor(kind).filter(({ name }) => kind !== 'stream' || name !== 'throw an unprintable error');

describe('A fault at each call out of the drop-in', () => {
  itPlays([dropInPlain, dropInContext, dropInSending, dropInStream, dropInPatient], () => printable);
  itInjected(1_350);
});
