// What something is, of whatever realm: a program may run in a vm context (Jest does), and have a class of jsdom's or happy-dom's
// in place of the runtime's, so that `instanceof` says no to what is one. Asked for are internal slots, by getters that throw
// for everything else, and where there are none that can be asked, what the thing has. Nothing here throws, whatever a proxy or a
// getter of the user's does.

type Getter<Value> = (this: unknown) => Value;

function getterOf<Value>(prototype: object | undefined, name: string | symbol): Getter<Value> | undefined {
  return prototype && (Object.getOwnPropertyDescriptor(prototype, name)?.get as Getter<Value> | undefined);
}

/** Whether the getter, which asks for an internal slot, takes it. */
function has(getter: Getter<unknown> | undefined, value: unknown): boolean {
  if (getter === undefined || typeof value !== 'object' || value === null) return false;
  try {
    getter.call(value);
    return true;
  } catch {
    return false;
  }
}

/** The same for what is asked of things that are not ours, whose answer may throw. */
function answers(value: unknown, isIt: (value: Readonly<Record<string | symbol, unknown>>) => boolean): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return isIt(value as Readonly<Record<string | symbol, unknown>>);
  } catch {
    return false;
  }
}

const textOf = Object.prototype.toString;
const readTag = getterOf<string | undefined>(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!;
const readByteLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength')!;
const readSharedByteLength = getterOf<number>(globalThis.SharedArrayBuffer?.prototype, 'byteLength');

/** Whether it is one, or of a class that extends it. */
export function isUint8Array(value: unknown): value is Uint8Array {
  // The one of all getters that throws for nothing.
  return readTag.call(value) === 'Uint8Array';
}

/** Whether it is one, or of a class that extends it. */
export function isUint32Array(value: unknown): value is Uint32Array {
  return readTag.call(value) === 'Uint32Array';
}

/** Not a shared one. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return has(readByteLength, value);
}

export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return has(readSharedByteLength, value);
}

/** Whether it was transferred to somebody else: there are no bytes any more, and no view of it can be made. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  if (!isArrayBuffer(buffer) || readByteLength.call(buffer) > 0) return false;
  try {
    // `detached` itself came with V8 11.4, Node.js 21.
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Whether it has what a Blob has to say of its bytes, and can be read: the runtime's own, and those of jsdom and happy-dom. */
export function isBlob(value: unknown): value is Blob {
  return answers(
    value,
    (blob) => typeof blob.arrayBuffer === 'function' && typeof blob.size === 'number' && typeof blob.type === 'string',
  );
}

/** Whether it calls itself a Blob, or a File, and yet cannot be read: jsdom's have no `arrayBuffer` in some versions. */
export function isUnreadableBlob(value: unknown): boolean {
  return !isBlob(value) && answers(value, ({ [Symbol.toStringTag]: tag }) => tag === 'Blob' || tag === 'File');
}

/** An error, a DOMException, or what a program has made like one: it has a name and a message. */
export function isError(value: unknown): value is Error {
  return answers(
    value,
    (error) =>
      // Of the language's own errors it says so, whatever becomes of their properties.
      textOf.call(error) === '[object Error]' || (typeof error.name === 'string' && typeof error.message === 'string'),
  );
}

export function isUrl(value: unknown): value is URL {
  return answers(
    value,
    ({ href, protocol, searchParams }) =>
      typeof href === 'string' && typeof protocol === 'string' && typeof searchParams === 'object',
  );
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  return answers(
    value,
    ({ aborted, addEventListener, removeEventListener }) =>
      typeof aborted === 'boolean' &&
      typeof addEventListener === 'function' &&
      typeof removeEventListener === 'function',
  );
}

const readEventPhase = getterOf<number>(globalThis.Event?.prototype, 'eventPhase');

/** Whether it is an event that the runtime's own EventTarget dispatches. */
export function isNativeEvent(value: unknown): value is Event {
  return has(readEventPhase, value);
}

/** An event of whatever class: jsdom's is none of the runtime's. */
export function isEvent(value: unknown): value is Event {
  return answers(
    value,
    ({ type, eventPhase, preventDefault, stopImmediatePropagation }) =>
      typeof type === 'string' &&
      typeof eventPhase === 'number' &&
      typeof preventDefault === 'function' &&
      typeof stopImmediatePropagation === 'function',
  );
}

/** A promise, also where a program has put another class in the place of the language's: async functions return that all the same. */
export function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return answers(value, ({ then }) => typeof then === 'function');
}
