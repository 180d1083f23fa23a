// A program with a stack of another size, which `--stack-size` gives it: one scenario beside bystanders, and then the end of the
// stack in one of its callbacks. Its last line says what was wrong. It is bundled, for the stack is too small for what loads
// sources.

import { census } from '../../src/codec/shared';
import * as framing from '../../src/framing';
import * as main from '../../src/index';
import * as web from '../../src/web';
import type { Kind } from './calls';
import { campaign, describe } from './campaign';
import { DEEP_ACTIONS } from './depths';
import { callbackContext, callbackPlain } from './scenarios/callback';

/** Of the deep actions every so many-th, from a place that depends on the size, so that all have a turn. */
const STRIDE = 40;

const modules = { main, web, framing, census };
const [size = 0] = process.argv.slice(2).map(Number);
const scenario = size % 2 === 0 ? callbackPlain : callbackContext;
const deep = DEEP_ACTIONS.filter((_, place) => (place + size) % STRIDE === 0);

let callbacks = 0;
const { plays, injected, findings } = await campaign([scenario], {
  load: async () => modules,
  most: 1,
  stride: 1,
  delivers: 'within',
  actions: (kind: Kind) => {
    if (kind === 'callback') callbacks += 1;
    return kind === 'callback' && callbacks === 10 ? deep : [];
  },
});
console.log(JSON.stringify({ plays, injected, findings: findings.map(describe) }));
