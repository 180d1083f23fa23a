// What a program may be told: the callbacks of a connection, plain properties to be set, whose documentation is in
// async-tcp-connection.ts. It owns how they are called, and the listeners beside them: what one throws, or what a promise of its
// rejects with, reaches onError and harms nothing else.

import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, ERROR_KIND, type ErrorKind, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { diagnostics, type Subject } from '../connection/diagnostics';
import type { State } from '../connection/state';
import type { HandshakeResponse } from '../handshake/response-parser';
import { CALLBACK_NAMES } from '../options/callback-names';
import { describe } from '../options/checks';
import { reportException } from '../runtime/report';
import type { ConnectionCloseEvent } from './close-event';
import type { MessageTarget } from './message-target';
import { type StatusName, statistics } from './workerman';

/**
 * Null: nobody wants to know. `Self` is the public class, which every callback gets first. It may be an async function: nobody
 * waits for it, but what it rejects with is told.
 */
export type Callback<Self, Arguments extends unknown[]> = ((connection: Self, ...rest: Arguments) => void) | null;

/** What hears messages: a union, with the connection in it, so that for TypeScript `isBinary` tells of what type `data` is. */
export type MessageListener<Self> = (
  ...told: [connection: Self, data: string, isBinary: false] | [connection: Self, data: Uint8Array, isBinary: true]
) => void;

/**
 * What may be `onMessage`. A function with fewer parameters, or whose `isBinary` is any boolean, is no function of that union for
 * TypeScript: such ones are let in by the second, which gives no types to parameters that have none, since its two forms differ.
 */
export type MessageCallback<Self> = MessageListener<Self> | AnyMessageCallback<Self> | null;

interface AnyMessageCallback<Self> {
  (connection: Self, data: string | Uint8Array, isBinary: boolean): void;
  <_>(connection: Self, data: string | Uint8Array, isBinary: boolean): void;
}

/** What `onMessage` is, for those who call it themselves: with what they have been given, as it came or one by one. */
export interface CalledMessageCallback<Self> {
  // biome-ignore lint/suspicious/noExplicitAny: a union of tuples fits no list of parameters that also takes a wider call.
  (...told: any[]): void;
  (connection: Self, data: string | Uint8Array, isBinary: boolean): void;
}

/** Asked where a message begins: who takes it in pieces, at once; nobody: it comes by `onMessage`. */
export type StartCallback<Self> = ((connection: Self, start: { readonly isBinary: boolean }) => MessageTarget) | null;

export interface Callbacks<Self> {
  onConnect: Callback<Self, []>;
  onWebSocketConnect: Callback<Self, [response: HandshakeResponse]>;
  onMessage: Callback<Self, [data: string | Bytes, isBinary: boolean]>;
  onMessageStart: StartCallback<Self>;
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
export type CallbackName = (typeof CALLBACKS)[number];

/** What the callback of this name gets behind the connection. */
export type Told<Name extends CallbackName> =
  NonNullable<Callbacks<unknown>[Name]> extends (connection: unknown, ...rest: infer Rest) => void ? Rest : never;

/** @throws TypeError unless it is a function, or nothing */
export function checkCallback<Given>(name: string, callback: Given): Given | null {
  if (typeof callback === 'function') return callback;
  if (callback === null || callback === undefined) return null;
  throw new TypeError(`${name} must be a function, or null; it is ${describe(callback)}.`);
}

/** Those that few programs set. */
export type RareCallbacks<Self> = Pick<
  Callbacks<Self>,
  | 'onWebSocketPing'
  | 'onWebSocketPong'
  | 'onWebSocketClose'
  | 'onBufferFull'
  | 'onBufferDrain'
  | 'onReconnect'
  | 'onReconnectFailed'
  | 'onUnsent'
>;

export function noRareCallbacks<Self>(): RareCallbacks<Self> {
  return {
    onWebSocketPing: null,
    onWebSocketPong: null,
    onWebSocketClose: null,
    onBufferFull: null,
    onBufferDrain: null,
    onReconnect: null,
    onReconnectFailed: null,
    onUnsent: null,
  };
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

/** Whom something is told: the connection's one callback of that name, and whoever listens beside it. */
export interface Hearers<Self> {
  readonly face: Self;
  /** Undefined: nobody does. */
  readonly listeners: { of(name: CallbackName): readonly object[] | undefined } | undefined;
  readonly connection: { readonly state: State };
}

type Hearer = (connection: unknown, ...rest: unknown[]) => unknown;

/**
 * Tells everybody who wants to know, the callback first. What one throws goes to onError and harms nothing else, and so does a
 * promise that it returns.
 */
export function call<Self extends Face<Self>, Name extends CallbackName>(
  hearers: Hearers<Self>,
  name: Name,
  ...rest: Told<Name>
): void {
  tellAll(hearers, name, rest, tellException);
}

/** What a callback has returned: if it is a promise, its rejection is an exception of that callback. */
export function hearOut<Self extends Face<Self>>(hearers: Hearers<Self>, returned: unknown): void {
  hear(hearers, returned, tellException);
}

export function tellException<Self extends Face<Self>>(hearers: Hearers<Self>, cause: unknown): void {
  statistics.throw_exception += 1;
  if (!isHeard(hearers, 'onError')) reportException(cause);
  tellError(hearers, new WsimdError(CONNECTION_FAULTS.callback, messageOf(cause), cause));
}

export function tellError<Self extends Face<Self>>(hearers: Hearers<Self>, error: WsimdError): void {
  if (diagnostics.error.isWatched && endsByWatching(hearers.face, error)) return;
  const cause = error.kind === ERROR_KIND.CALLBACK_EXCEPTION ? error.cause : error;
  tellAll(hearers, 'onError', [error.kind, error.message, cause], reportFailure);
}

/** Whether anybody wants to know. */
function isHeard<Self extends Face<Self>>({ face, listeners }: Hearers<Self>, name: CallbackName): boolean {
  return !!face[name] || listeners?.of(name) !== undefined;
}

/** What becomes of an exception of whoever is told. */
type Fail<Self> = (hearers: Hearers<Self>, exception: unknown) => void;

function tellAll<Self extends Face<Self>>(
  hearers: Hearers<Self>,
  name: CallbackName,
  rest: readonly unknown[],
  fail: Fail<Self>,
): void {
  const { connection } = hearers;
  // Who listens now: whoever is added or removed by one of them is so from the next event on.
  const others = hearers.listeners?.of(name);
  const wasClosed = isClosed(connection);
  tell(hearers, hearers.face[name] as Hearer | null, rest, fail);
  for (const other of others ?? []) {
    // One of them has ended the connection: onClose was told within that, and nothing follows it.
    if (!wasClosed && isClosed(connection)) return;
    tell(hearers, other as Hearer, rest, fail);
  }
}

function isClosed({ state }: { readonly state: State }): boolean {
  return state === 'closed';
}

function tell<Self extends Face<Self>>(
  hearers: Hearers<Self>,
  hearer: Hearer | null,
  rest: readonly unknown[],
  fail: Fail<Self>,
): void {
  try {
    const returned = hearer?.(hearers.face, ...rest);
    if (returned !== undefined) hear(hearers, returned, fail);
  } catch (exception) {
    fail(hearers, exception);
  }
}

function hear<Self>(hearers: Hearers<Self>, returned: unknown, fail: Fail<Self>): void {
  // In front of the closure: a callback that returns what `send` does shall not cost more than one that returns nothing.
  if (typeof returned === 'object' && returned !== null) listen(returned, (exception) => fail(hearers, exception));
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

/** Messages that were accepted will not be sent. Who does not want to have them hears how many there were. */
export function tellUnsent<Self extends Face<Self>>(
  hearers: Hearers<Self>,
  messages: readonly (string | Bytes | Blob)[],
  error: WsimdError,
): void {
  if (isHeard(hearers, 'onUnsent')) call(hearers, 'onUnsent', messages, error);
  else tellError(hearers, error);
}

/** Whoever watches may end the connection: then onClose was told, and nothing follows it. The watcher has heard of the error. */
function endsByWatching<Self extends Face<Self>>(face: Self, error: WsimdError): boolean {
  const wasClosed = face.getStatus(false) === 'CLOSED';
  diagnostics.error.tell(subjectOf(face as Face<never>), { error });
  return !wasClosed && face.getStatus(false) === 'CLOSED';
}

/** Of whoever hears errors: nobody is asked again. */
function reportFailure(_hearers: unknown, exception: unknown): void {
  statistics.throw_exception += 1;
  reportException(exception);
}
