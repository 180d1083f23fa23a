// What a case of the contract has to play with: the library as this host loads it, the servers, and claims. It runs in every host,
// so it imports nothing, and of globals it uses those that the case is about.

import type * as Wsimd from 'wsimd';
import type * as Framing from 'wsimd/framing';
import type * as Web from 'wsimd/web';

/** What the package exports. */
export interface Modules {
  readonly wsimd: typeof Wsimd;
  readonly web: typeof Web;
  readonly framing: typeof Framing;
}

/** Where the servers are, which run in another process. */
export interface Place {
  readonly ws: string;
  readonly wss: string;
  /** The authority of the certificate of `wss`, as PEM. */
  readonly ca: string;
  /** Where nobody listens. */
  readonly closed: string;
}

/** What there is around the library. */
export interface Host {
  readonly place: Place;
  /** Called once, after what is there already was noted. */
  load(): Modules | Promise<Modules>;
  /** The host's own way to replace timers and tasks; called to undo it. Default: the contract replaces globals. */
  fake?(): () => void;
  /** Those that nobody has replaced. */
  readonly setTimeout: (task: () => void, milliseconds: number) => unknown;
  readonly clearTimeout: (timer: never) => void;
  /** Called before each case. */
  beforeCase?(): void;
  /** Where the classes of the host are found: those that a program kept before it replaced the global ones. Default: globals. */
  readonly own?: Own;
  /** Bytes of address space that the process has reserved; undefined where nobody tells. */
  addressSpace?(): number | undefined;
  /** False: the first look at what the runtime has for fetch loads a library of its that ends the process. */
  readonly hasFetch?: boolean;
  /** The build for pages, which has no drop-in and says so in one sentence. */
  readonly isPage?: boolean;
}

/** What a host may have, of its own or the runtime's. */
export interface Own {
  readonly AbortController?: typeof AbortController;
  readonly Blob?: typeof Blob;
  readonly Buffer?: typeof Buffer;
  readonly Event?: typeof Event;
  readonly FileReader?: typeof FileReader;
  readonly Headers?: typeof Headers;
  readonly URL?: typeof URL;
}

/** What a host cannot play, and why. */
export class Impossible extends Error {}

/** Two values that say the same. */
export function expectSame(one: unknown, other: unknown, of = ''): void {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
  if (left === right) return;
  throw new Error(`${of && `${of}: `}${left?.slice(0, 300)} is not ${right?.slice(0, 300)}`);
}

export function expectTrue(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Error(claim);
}

/** Of this realm or any other. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** happy-dom's have no tag. */
export function isBlob(value: unknown): boolean {
  return tagOf(value) === 'Blob' || typeof (value as Partial<Blob> | undefined)?.arrayBuffer === 'function';
}

/** All codes along the causes of an error, which may be of any realm. */
export function codesOf(error: unknown): unknown[] {
  const codes: unknown[] = [];
  for (let one = error as { code?: unknown; cause?: unknown } | undefined; one; one = one.cause as typeof one) {
    if (one.code !== undefined) codes.push(one.code);
    if (codes.length > 10) break;
  }
  return codes;
}

/** Bytes that look like nothing. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 167 + (at >> 8)) & 255;
  return bytes;
}

/** UTF-8 by what every engine has. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encodeURIComponent(text).replace(/%(..)/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

/** What a view, an ArrayBuffer or a Blob holds, of whatever realm, as a list of numbers. */
export async function bytesOf(data: unknown): Promise<number[]> {
  if (ArrayBuffer.isView(data)) return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  if (isBlob(data)) return bytesOf(await readBlob(data as Blob));
  return [...new Uint8Array(data as ArrayBuffer)];
}

/** jsdom's Blobs have no method to read them. */
function readBlob(blob: Blob): Promise<ArrayBuffer> {
  if (typeof blob.arrayBuffer === 'function') return blob.arrayBuffer();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}

/** What is told and not yet asked for. */
export class Told<T> {
  readonly #told: T[] = [];
  #ended: unknown;
  #waiting: { resolve: (value: T) => void; reject: (reason: unknown) => void } | undefined;

  tell(value: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(value);
    else this.#told.push(value);
  }

  /** Nothing comes any more; the reason is what those get who wait. */
  end(reason: unknown): void {
    this.#ended ??= reason;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }

  next(): Promise<T> {
    if (this.#told.length > 0) return Promise.resolve(this.#told.shift() as T);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
