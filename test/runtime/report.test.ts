// Exceptions that nobody can catch are reported (src/runtime/report.ts), whatever they are and whatever a program has made of the
// console.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { guarded, reportException } from '../../src/runtime/report';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const raise = (error: unknown) => (): never => {
  throw error;
};
const silent = () => vi.spyOn(console, 'error').mockImplementation(() => {});

describe('reportException', () => {
  it('tells reportError, and nobody else', () => {
    const printed = silent();
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const error = new Error('mine');
    reportException(error);
    expect(reported.mock.calls).toEqual([[error]]);
    expect(printed).not.toHaveBeenCalled();
  });

  it('tells the console where there is no reportError', () => {
    const printed = silent();
    vi.stubGlobal('reportError', undefined);
    reportException('mine');
    expect(printed.mock.calls).toEqual([['mine']]);
  });

  it('tells the console where reportError throws', () => {
    const printed = silent();
    vi.stubGlobal('reportError', raise(new Error('not mine')));
    reportException('mine');
    expect(printed.mock.calls).toEqual([['mine']]);
  });

  it('says that there was one, where it cannot be shown', () => {
    const printed: unknown[] = [];
    vi.stubGlobal('reportError', undefined);
    vi.spyOn(console, 'error').mockImplementation((error) => {
      if (typeof error !== 'string') throw error;
      printed.push(error);
    });
    reportException(new Error('mine'));
    expect(printed).toEqual(['wsimd: an exception was thrown that cannot be shown']);
  });

  it.each([
    ['throws', () => vi.spyOn(console, 'error').mockImplementation(raise(new Error('not mine')))],
    ['is no function', () => vi.stubGlobal('console', { error: 'none' })],
    ['is not there', () => vi.stubGlobal('console', undefined)],
  ])('throws nothing where the console %s', (_, spoil) => {
    vi.stubGlobal('reportError', raise(undefined));
    spoil();
    expect(() => reportException(new Error('mine'))).not.toThrow();
  });

  it('looks for both when it is called: a program may have its own', () => {
    const first = vi.fn();
    const second = vi.fn();
    vi.stubGlobal('reportError', first);
    reportException(1);
    vi.stubGlobal('reportError', second);
    reportException(2);
    expect([first.mock.calls, second.mock.calls]).toEqual([[[1]], [[2]]]);
  });
});

describe('guarded', () => {
  it.each([undefined, null, 0, 'mine', new Error('mine')])('reports %s, and goes on', (error) => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    guarded(raise(error));
    expect(reported.mock.calls).toEqual([[error]]);
  });

  it('reports nothing where nothing is thrown', () => {
    const reported = vi.fn();
    const action = vi.fn();
    vi.stubGlobal('reportError', reported);
    guarded(action);
    expect([action.mock.calls.length, reported.mock.calls.length]).toEqual([1, 0]);
  });
});
