// A user's `lookup` between the runtime and what it may do wrong: one that throws, rejects, answers twice or with no address
// ends an attempt with a sentence, where the runtime itself would crash or end the process. It resolves nothing.

import type { LookupFunction } from 'node:net';
import { toError } from '../../base/thrown';
import { reportException } from '../../runtime/report';

type Answer = Parameters<LookupFunction>[2];

/** The same function, which answers once and with what the runtime can use. One that never answers is connectTimeout's. */
export function guardedLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    let isAnswered = false;
    const answer: Answer = (error, address, family) => {
      if (isAnswered) return;
      isAnswered = true;
      const failure = error ?? complaint(address, options.all === true);
      // Typed as an error, but it is the user's.
      if (failure !== undefined) callback(toError(failure), '', 0);
      else callback(null, address, family);
    };
    const fail = (reason: unknown): void => {
      if (isAnswered) reportException(reason);
      else answer(toError(reason), '', 0);
    };
    try {
      // An async function is a lookup, too, as long as it answers; what it rejects with must not be nobody's.
      Promise.resolve(lookup(hostname, options, answer) as unknown).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

/** What is wrong with an answer; Node takes the first address of a list without looking whether there is one. */
function complaint(address: unknown, isList: boolean): string | undefined {
  if (!isList) return typeof address === 'string' ? undefined : 'the lookup function did not answer with one address';
  if (!Array.isArray(address)) return 'the lookup function did not answer with a list, though options.all was true';
  if (address.length === 0) return 'the lookup function answered with an empty list of addresses';
  const isRight = address.every(
    (entry: unknown) => typeof (entry as { address?: unknown } | null)?.address === 'string',
  );
  return isRight ? undefined : 'the lookup function answered with a list of something else than { address, family }';
}
