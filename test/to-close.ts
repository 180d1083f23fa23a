// What a test opens and has closed behind it, whether it passes or not.

import { afterEach } from 'vitest';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** It, to be closed behind the test that calls this. */
export function toClose<One extends { close(): void }>(one: One): One {
  opened.push(one);
  return one;
}
