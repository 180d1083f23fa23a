// The library takes its timers from Node's modules, when it is evaluated. Here they are the globals of the moment, so that they
// count and can be armed like all else that is called: for a library that is loaded behind this call.

import { vi } from 'vitest';
import type * as hostNode from '../../src/runtime/host-node';

type Timer = Parameters<typeof clearTimeout>[0];

export function takeGlobalTimers(): void {
  vi.doMock('../../src/runtime/host-node', async (importOriginal) => {
    const { host } = await importOriginal<typeof hostNode>();
    return {
      host: {
        ...host,
        setTimeout: (task: () => void, milliseconds: number) => setTimeout(task, milliseconds),
        clearTimeout: (timer: Timer) => clearTimeout(timer),
      },
    };
  });
}
