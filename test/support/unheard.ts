// Promises that reject and that nobody hears: what ends a process by default, and fails a test run.

import { onTestFinished } from 'vitest';

/** What nobody has heard of, from here to the end of the test. */
export function unheard(): unknown[] {
  const reasons: unknown[] = [];
  const hear = (reason: unknown): void => void reasons.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
  onTestFinished(() => {
    process.off('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  });
  return reasons;
}
