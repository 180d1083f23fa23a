// Every scenario. Each lives for a few milliseconds.

import type { Scenario } from '../play';
import { callbackAlone, callbackBorrowed, callbackContext, callbackPlain, callbackPlatform } from './callback';
import { callbackGetters, callbackLarge, callbackPiped, callbackSlow } from './callback-large';
import { dropInContext, dropInPatient, dropInPlain, dropInSending, dropInStream } from './drop-in';
import { framingContext, framingPlain } from './framing';
import { webContext, webPlain, webStream } from './web';

export const SCENARIOS: readonly Scenario[] = [
  callbackPlain,
  callbackContext,
  callbackAlone,
  callbackBorrowed,
  callbackPlatform,
  callbackLarge,
  callbackSlow,
  callbackGetters,
  callbackPiped,
  dropInPlain,
  dropInContext,
  dropInSending,
  dropInStream,
  dropInPatient,
  webPlain,
  webContext,
  webStream,
  framingContext,
  framingPlain,
];
