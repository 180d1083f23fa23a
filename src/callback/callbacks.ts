// What a program may be told: the callbacks of a connection, plain properties to be set, whose documentation is in
// async-tcp-connection.ts. It owns how they are called: what one throws, or what a promise of its rejects with, reaches onError and
// harms nothing else.

import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, ERROR_KIND, type ErrorKind, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { diagnostics, type Subject } from '../connection/diagnostics';
import type { HandshakeResponse } from '../handshake/response-parser';
import { CALLBACK_NAMES } from '../options/callback-names';
import { describe } from '../options/checks';
import { reportException } from '../runtime/report';
import type { ConnectionCloseEvent } from './close-event';
import { type StatusName, statistics } from './workerman';

/**
 * Null: nobody wants to know. `Self` is the public class, which every callback gets first. It may be an async function: nobody
 * waits for it, but what it rejects with is told.
 */
export type Callback<Self, Arguments extends unknown[]> = ((connection: Self, ...rest: Arguments) => void) | null;

export interface Callbacks<Self> {
  onConnect: Callback<Self, []>;
  onWebSocketConnect: Callback<Self, [response: HandshakeResponse]>;
  onMessage: Callback<Self, [data: string | Bytes, isBinary: boolean]>;
  onWebSocketPing: Callback<Self, [payload: Bytes]>;
  onWebSocketPong: Callback<Self, [payload: Bytes]>;
  onWebSocketClose: Callback<Self, [code: number, reason: string]>;
  onClose: Callback<Self, [event: ConnectionCloseEvent]>;
  onError: Callback<Self, [code: ErrorKind, message: string, cause: unknown]>;
  onBufferFull: Callback<Self, []>;
  onBufferDrain: Callback<Self, []>;
  onReconnect: Callback<Self, [attempt: number, delay: number]>;
  onReconnectFailed: Callback<Self, []>;
  onUnsent: Callback<Self, [messages: readonly (string | Bytes | Blob)[], cause: WsimdError]>;
}

/** Their names. */
export const CALLBACKS = CALLBACK_NAMES satisfies readonly (keyof Callbacks<unknown>)[];

/** @throws TypeError unless it is a function, or nothing */
export function checkCallback<Given>(name: string, callback: Given): Given | null {
  if (typeof callback === 'function') return callback;
  if (callback === null || callback === undefined) return null;
  throw new TypeError(`${name} must be a function, or null; it is ${describe(callback)}.`);
}

/** The public object, as far as whoever works for it knows it. */
export interface Face<Self> extends Callbacks<Self> {
  readonly id: number;
  getRemoteHost(): string;
  getRemoteAddress(): string;
  getStatus(asNumber: false): StatusName;
}

/** What is told of it to whoever watches. */
export function subjectOf(face: Face<never>): Subject {
  return {
    connection: face,
    face: 'callback',
    host: face.getRemoteHost(),
    address: face.getRemoteAddress(),
    phase: PHASES[face.getStatus(false)],
  };
}

const PHASES: Readonly<Record<StatusName, string>> = {
  INITIAL: 'initial',
  CONNECTING: 'connecting',
  ESTABLISHED: 'open',
  ENDING: 'closing',
  CLOSING: 'closing',
  CLOSED: 'closed',
};

/** Calls a user's callback: what it throws goes to onError and harms nothing else, and so does a promise that it returns. */
export function call<Self extends Face<Self>, Arguments extends unknown[]>(
  face: Self,
  callback: Callback<Self, Arguments>,
  ...rest: Arguments
): void {
  try {
    const returned: unknown = callback?.(face, ...rest);
    if (returned !== undefined) hearOut(face, returned);
  } catch (error) {
    tellException(face, error);
  }
}

/** What a callback has returned: if it is a promise, its rejection is an exception of that callback. */
export function hearOut<Self extends Face<Self>>(face: Self, returned: unknown): void {
  // In front of the closure: a callback that returns what `send` does shall not cost more than one that returns nothing.
  if (isObject(returned)) listen(returned, (error) => tellException(face, error));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** As EventEmitter and EventTarget of Node.js do it. It throws nothing. */
function listen(returned: { readonly then?: unknown }, onRejected: (error: unknown) => void): void {
  try {
    const { then } = returned;
    if (typeof then === 'function') then.call(returned, undefined, onRejected);
  } catch (error) {
    onRejected(error);
  }
}

export function tellException<Self extends Face<Self>>(face: Self, cause: unknown): void {
  statistics.throw_exception += 1;
  if (!face.onError) reportException(cause);
  tellError(face, new WsimdError(CONNECTION_FAULTS.callback, messageOf(cause), cause));
}

export function tellError<Self extends Face<Self>>(face: Self, error: WsimdError): void {
  if (diagnostics.error.isWatched && endsByWatching(face, error)) return;
  const cause = error.kind === ERROR_KIND.CALLBACK_EXCEPTION ? error.cause : error;
  try {
    const returned: unknown = face.onError?.(face, error.kind, error.message, cause);
    if (isObject(returned)) listen(returned, reportFailure);
  } catch (exception) {
    reportFailure(exception);
  }
}

/** Messages that were accepted will not be sent. Who does not want to have them hears how many there were. */
export function tellUnsent<Self extends Face<Self>>(
  face: Self,
  messages: readonly (string | Bytes | Blob)[],
  error: WsimdError,
): void {
  if (face.onUnsent) call(face, face.onUnsent, messages, error);
  else tellError(face, error);
}

/** Whoever watches may end the connection: then onClose was told, and nothing follows it. The watcher has heard of the error. */
function endsByWatching<Self extends Face<Self>>(face: Self, error: WsimdError): boolean {
  const wasClosed = face.getStatus(false) === 'CLOSED';
  diagnostics.error.tell(subjectOf(face as Face<never>), { error });
  return !wasClosed && face.getStatus(false) === 'CLOSED';
}

/** Of onError itself: it is not asked again. */
function reportFailure(exception: unknown): void {
  statistics.throw_exception += 1;
  reportException(exception);
}
