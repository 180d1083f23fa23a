// The present context is kept and entered; where a runtime has none, things are called as they are.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { presentContext } from '../../src/runtime/context';
import { contextName, inContext } from '../support/contexts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('presentContext', () => {
  it('is entered later, from within another one, which is there again afterwards', () => {
    const context = inContext('A', presentContext);
    const names = inContext('B', () => [context.runInAsyncScope(contextName, undefined), contextName()]);
    expect(names).toEqual(['A', 'B']);
  });

  it('calls with this and arguments, returns what is returned and throws what is thrown', () => {
    const context = inContext('A', presentContext);
    const self = {
      add(one: number, other: number) {
        return [this === self, one + other, contextName()];
      },
    };
    expect(context.runInAsyncScope(self.add, self, 1, 2)).toEqual([true, 3, 'A']);
    const error = new Error('thrown');
    const fail = (): never => {
      throw error;
    };
    expect(() => inContext('B', () => context.runInAsyncScope(fail, undefined))).toThrow(error);
    expect(contextName()).toBe('none');
  });

  it('calls as it is where a runtime lends no node:async_hooks, and asks again later', async () => {
    const { getBuiltinModule } = process;
    let isLent = false;
    vi.stubGlobal('process', { getBuiltinModule: (name: string) => (isLent ? getBuiltinModule(name) : undefined) });
    const { presentContext: present } = await import('../../src/runtime/context');
    const none = inContext('A', present);
    expect(
      inContext('B', () => none.runInAsyncScope((...values) => [...values, contextName()], undefined, 1, 2)),
    ).toEqual([1, 2, 'B']);
    isLent = true;
    const some = inContext('A', present);
    expect(inContext('B', () => some.runInAsyncScope(contextName, undefined))).toBe('A');
  });
});
