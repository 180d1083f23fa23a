// What a case of the conformance run is: what a server sends and when, and what must then be seen of a client, on the wire
// and through its API. Only words: how a case is played is in script-server.ts, how it is judged in judge.ts.

import { closeFrame } from '../../support/raw-peer';

/** What comes behind this is held back until the client's close frame is there, and sent then. */
export const HOLD = Symbol('held back until the close frame of the client');

/** What the client program is asked to do. */
export type Action =
  | { readonly kind: 'send'; readonly data: string | Uint8Array }
  | { readonly kind: 'ping'; readonly data: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export type Step =
  /** Bytes that the server sends: one write, unless the case's cut is another. */
  | Uint8Array
  | typeof HOLD
  /** Waits until the client has sent so many frames in all. */
  | { readonly returned: number }
  /** Waits for the client's close frame, of which the script then goes on to make what it likes. */
  | 'close frame'
  /** The client program does this now. */
  | Action
  /** The server ends its side of TCP. */
  | 'fin'
  /** The server resets TCP. */
  | 'reset';

/** How the server's bytes are cut into writes: as they stand, byte by byte, all in one, or chops of so many bytes. */
export type Cut = 'frames' | 'bytes' | 'whole' | number;

export const EVERY_CUT: readonly Cut[] = ['frames', 'bytes', 'whole'];

/** A message or the payload of a control frame. */
export interface Item {
  readonly kind: 'text' | 'binary' | 'ping' | 'pong';
  readonly bytes: Uint8Array;
}

const item =
  (kind: Item['kind']) =>
  (payload: string | Uint8Array = ''): Item => ({
    kind,
    bytes: typeof payload === 'string' ? Buffer.from(payload) : payload,
  });
export const text = item('text');
export const binary = item('binary');
export const ping = item('ping');
export const pong = item('pong');

export const send = (data: string | Uint8Array): Action => ({ kind: 'send', data });
export const sendPing = (data: string): Action => ({ kind: 'ping', data });
export const close = (code = 1000, reason = ''): Action => ({ kind: 'close', code, reason });

/** The status of the client's close frame, or that it has none, or that there is no such frame. */
export type ClientClose = number | 'no status' | 'no close frame';

/** What a client's program hears at the end. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

export interface Expected {
  /** What the client program is told, in order: messages and pongs. */
  readonly told: readonly Item[];
  /** What the server gets back, in order, up to the close frame. */
  readonly returned: readonly Item[];
  readonly close: ClientClose;
  /** What the client program hears of errors, by their codes. */
  readonly errors: readonly string[];
  readonly ending: Ending;
}

/** What the client program sets, if the case needs other limits than the usual ones. */
export interface Limits {
  readonly maxPackageSize?: number;
  readonly maxFragments?: number;
}

export interface Case {
  readonly id: string;
  /** Of RFC 6455. */
  readonly section: string;
  readonly says: string;
  readonly cut: Cut;
  readonly limits: Limits;
  /** Takes long enough, or enough memory, to be played alone. */
  readonly isHeavy: boolean;
  /** The first bytes leave in one write with the answer to the handshake. */
  readonly isJoined: boolean;
  readonly script: () => readonly Step[];
  readonly expected: () => Expected;
}

export interface Category {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** How a client must refuse something: the status that it sends and the code that its program hears. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

const refusal = (status: number, code: string): Refusal => ({ status, code: `WS_ERR_${code}` });
export const REFUSED = {
  rsv1: refusal(1002, 'UNEXPECTED_RSV_1'),
  rsv23: refusal(1002, 'UNEXPECTED_RSV_2_3'),
  opcode: refusal(1002, 'INVALID_OPCODE'),
  fin: refusal(1002, 'EXPECTED_FIN'),
  controlLength: refusal(1002, 'INVALID_CONTROL_PAYLOAD_LENGTH'),
  mask: refusal(1002, 'UNEXPECTED_MASK'),
  length: refusal(1002, 'INVALID_PAYLOAD_LENGTH'),
  closeCode: refusal(1002, 'INVALID_CLOSE_CODE'),
  utf8: refusal(1007, 'INVALID_UTF8'),
  size: refusal(1009, 'UNSUPPORTED_MESSAGE_LENGTH'),
  fragments: refusal(1008, 'TOO_MANY_BUFFERED_PARTS'),
} as const satisfies Record<string, Refusal>;

type Lazy<T> = T | (() => T);

/**
 * One script, played once for each cut. Without `fails` and `ends` the server closes with 1000 when everything that is
 * expected has come back. What is large is made by functions, when its turn comes.
 */
export interface Spec {
  readonly id: string;
  readonly section: string;
  readonly says: string;
  readonly cuts?: readonly Cut[];
  readonly limits?: Limits;
  readonly isHeavy?: boolean;
  readonly isJoined?: boolean;
  readonly server: Lazy<readonly Step[]>;
  readonly told?: Lazy<readonly Item[]>;
  /** By itself: every message of `told`, since the client is an echo program. */
  readonly returned?: Lazy<readonly Item[]>;
  readonly fails?: Refusal;
  readonly close?: ClientClose;
  readonly ends?: Partial<Ending>;
}

const made = <T extends object>(lazy: Lazy<T>): T => (typeof lazy === 'function' ? (lazy as () => T)() : lazy);

export function cases(spec: Spec): Case[] {
  const { id, section, says, cuts = ['whole'], limits = {}, isHeavy = false, isJoined = false } = spec;
  return cuts.map((cut) => ({
    id: cuts.length === 1 ? id : `${id}/${typeof cut === 'number' ? `chops-of-${cut}` : cut}`,
    section,
    says,
    cut,
    limits,
    isHeavy,
    isJoined,
    script: () => scriptOf(spec),
    expected: () => expectedOf(spec),
  }));
}

export function category(name: string, ...specs: Spec[]): Category {
  return { name, cases: specs.flatMap(cases) };
}

function scriptOf(spec: Spec): readonly Step[] {
  const steps = made(spec.server);
  const hasEnding = spec.fails !== undefined || spec.ends !== undefined || spec.close !== undefined;
  return hasEnding ? steps : [...steps, { returned: expectedOf(spec).returned.length }, closeFrame(1000)];
}

function expectedOf({ told: lazyTold = [], returned, fails, close, ends }: Spec): Expected {
  const told = made(lazyTold);
  return {
    told,
    returned: made(returned ?? told.filter(({ kind }) => kind === 'text' || kind === 'binary')),
    close: close ?? fails?.status ?? 1000,
    errors: fails === undefined ? [] : [fails.code],
    // "If _The WebSocket Connection is Closed_ and no Close control frame was received [...] the code is 1006" (§7.1.5).
    ending: { code: fails === undefined ? 1000 : 1006, reason: '', wasClean: fails === undefined, ...ends },
  };
}

/** Bytes of which the first `enough` are enough to refuse them: the others are held back. */
export function heldAfter(enough: number, bytes: Uint8Array): Step[] {
  return [bytes.subarray(0, enough), HOLD, bytes.subarray(enough)];
}
