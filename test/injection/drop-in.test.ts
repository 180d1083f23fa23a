// Faults injected into each call out of the drop-in for `ws`, one at a time: whatever throws or enters it again there, nobody
// gets another's bytes, no bystander is disturbed, nothing is left. What is injected and how it is judged is in injection/.

import { describe } from 'vitest';
import { itInjected, itPlays } from './expectations';
import { actionsFor } from './play';
import { dropInContext, dropInPatient, dropInPlain, dropInSending, dropInStream } from './scenarios/drop-in';

describe('A fault at each call out of the drop-in', () => {
  itPlays([dropInPlain, dropInContext, dropInSending, dropInStream, dropInPatient], () => actionsFor);
  itInjected(1_350);
});
