// Faults injected into each call out of `AsyncTcpConnection` with what does not leave at once, and out of `wsimd/framing`; and
// the end of the stack inside of each face. What is injected and how it is judged is in injection/.

import { describe } from 'vitest';
import type { Plan } from './campaign';
import { DEEP_ACTIONS } from './depths';
import { itInjected, itPlays } from './expectations';
import { actionsFor } from './play';
import { callbackContext, callbackPlain } from './scenarios/callback';
import { callbackGetters, callbackLarge, callbackPiped, callbackSlow } from './scenarios/callback-large';
import { dropInPlain } from './scenarios/drop-in';
import { framingContext, framingPlain } from './scenarios/framing';
import { webPlain } from './scenarios/web';

describe('A fault at each call out of a connection that has much to send, or of a decoder', () => {
  itPlays(
    [callbackLarge, callbackSlow, callbackGetters, callbackPiped, framingContext, framingPlain],
    () => actionsFor,
  );
});

/** The calls of one callback: the stack is as deep there as in all others. */
function inTheTenth(): Plan['actions'] {
  let callbacks = 0;
  return (kind) => {
    if (kind === 'callback') callbacks += 1;
    return kind === 'callback' && callbacks === 10 ? DEEP_ACTIONS : [];
  };
}

describe('The stack runs out inside of the library, in a callback of', () => {
  itPlays([callbackPlain, callbackContext, webPlain, dropInPlain], inTheTenth);
});

describe('All of them', () => itInjected(1_350));
