// Checks of what users set: each throws at the assignment, with a sentence that names the option.

/** Longer timers overflow: a timer of 2^31 milliseconds fires at once. */
export const MAX_SECONDS = 2_147_483;

/** An hour: whoever asks for more of a time-out means milliseconds. */
export const HOUR = 3_600;
/** A day: the longest that `reConnect()` waits. */
export const DAY = 86_400;

const IN_WORDS: Readonly<Record<number, string>> = { [HOUR]: ', an hour', [DAY]: ', a day' };

/**
 * @param most the highest that makes sense
 * @param isZeroFine whether 0 is right, too
 * @throws TypeError, RangeError unless it is a number of seconds above zero; fractions are fine
 */
export function checkSeconds(name: string, value: unknown, most = MAX_SECONDS, isZeroFine = false): number {
  if (value === 0 && isZeroFine) return value;
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number of seconds, not ${describe(value)}.`);
  if (!(value > 0 && value <= most)) {
    const habit = value > most && value < Infinity && most < MAX_SECONDS ? ' It counts seconds, not milliseconds.' : '';
    const highest = `${most} seconds${IN_WORDS[most] ?? ''}`;
    const least = isZeroFine ? '0 or more' : 'more than 0';
    throw new RangeError(`${name} must be ${least} and at most ${highest}; it is ${value}.${habit}`);
  }
  return value;
}

/** @throws TypeError, RangeError unless it is a whole number of bytes, at least 1 */
export function checkBytes(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number of bytes, not ${describe(value)}.`);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${name} must be a whole number of bytes, at least 1; it is ${value}.`);
  }
  return value;
}

/** @throws TypeError unless it is true or false */
export function checkSwitch(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${describe(value)}.`);
  return value;
}

/** Options that may be left out or be undefined, with a value for each. */
export type Filled<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Counts are 31-bit in the core. */
export const MAX_COUNT = 0x7fffffff;

/** @throws TypeError, RangeError unless it is a whole number from 1 to 2^31 - 1 */
export function checkCount(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${describe(value)}.`);
  return checkWhole(name, value, MAX_COUNT);
}

/** @throws RangeError unless it is a whole number from 1 to `highest`; `name` begins the sentence */
export function checkWhole(name: string, value: number, highest: number): number {
  if (!Number.isInteger(value) || value < 1 || value > highest) {
    throw new RangeError(`${name} must be a whole number from 1 to ${highest}; it is ${value}.`);
  }
  return value;
}

/** How binary messages are handed over: for good, or until their handler returns. */
export type BinaryDelivery = 'own' | 'borrow';

/** @throws TypeError unless it is one of the two */
export function checkDelivery(name: string, value: unknown): BinaryDelivery {
  if (value !== 'own' && value !== 'borrow') throw new TypeError(`${name} must be "own" or "borrow".`);
  return value;
}

/**
 * @param must ends the sentence "… must be", and may name what else is right
 * @throws TypeError unless it is one, and no list
 */
export function checkObject(value: unknown, name: string, must = 'an object of options'): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new TypeError(`${name} must be ${must}, not ${describe(value)}.`);
}

/** A value's type, fit for a sentence. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
