// Faults injected into each call out of `wsimd/web`, one at a time: whatever throws or enters it again there, nobody gets
// another's bytes, no bystander is disturbed, nothing is left. What is injected and how it is judged is in injection/.

import { describe } from 'vitest';
import { itInjected, itPlays } from './expectations';
import { actionsFor } from './play';
import { webContext, webPlain, webStream } from './scenarios/web';

describe('A fault at each call out of the WHATWG’s classes', () => {
  itPlays([webPlain, webContext, webStream], () => actionsFor);
  itInjected(900);
});
