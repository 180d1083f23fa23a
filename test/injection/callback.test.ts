// Faults injected into each call out of `AsyncTcpConnection`, one at a time: whatever throws or enters it again there, nobody
// gets another's bytes, no bystander is disturbed, nothing is left. What is injected and how it is judged is in injection/.

import { describe } from 'vitest';
import { itInjected, itPlays } from './expectations';
import { actionsFor } from './play';
import {
  callbackAlone,
  callbackBorrowed,
  callbackContext,
  callbackPlain,
  callbackPlatform,
} from './scenarios/callback';

describe('A fault at each call out of a connection', () => {
  itPlays([callbackPlain, callbackContext, callbackAlone, callbackBorrowed, callbackPlatform], () => actionsFor);
  itInjected(1_600);
});
