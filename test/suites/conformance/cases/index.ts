// All cases, by what they are about, in the order of RFC 6455.

import type { Case, Category } from '../case';
import { closeCodes } from './close-codes';
import { closing } from './closing';
import { fragmentation } from './fragmentation';
import { large } from './large';
import { lengths } from './lengths';
import { limits } from './limits';
import { masking } from './masking';
import { opcodes } from './opcodes';
import { opening } from './opening';
import { pings } from './pings';
import { reservedBits } from './reserved-bits';
import { tcpEnd } from './tcp-end';
import { utf8Invalid } from './utf8-invalid';
import { utf8Valid } from './utf8-valid';

export const CATEGORIES: readonly Category[] = [
  opening,
  masking,
  lengths,
  reservedBits,
  opcodes,
  fragmentation,
  pings,
  closing,
  closeCodes,
  tcpEnd,
  utf8Valid,
  utf8Invalid,
  limits,
  large,
];

export const ALL_CASES: readonly Case[] = CATEGORIES.flatMap(({ cases }) => cases);
