// What a test opens and has closed behind it, whether it passes or not.

import { afterEach } from 'vitest';

type Opened = { close(): void } | { release(): void };

const opened: Opened[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) {
    if ('close' in one) one.close();
    else one.release();
  }
});

/** It, to be closed (or released) behind the test that calls this. */
export function toClose<One extends Opened>(one: One): One {
  opened.push(one);
  return one;
}
