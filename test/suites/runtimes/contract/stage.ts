// What a case has to play with: connections that write down all that they tell, and claims about it. It runs on every runtime, so
// it uses nothing that one of them has not.

import type * as Wsimd from 'wsimd';
import type { AsyncTcpConnection } from 'wsimd';
import type * as Framing from 'wsimd/framing';
import type * as Web from 'wsimd/web';

/** What the package exports. */
export interface Modules {
  readonly wsimd: typeof Wsimd;
  readonly web: typeof Web;
  readonly framing: typeof Framing;
}

/** Where the servers are. */
export interface Place {
  readonly ws: string;
  readonly wss: string;
  /** Whom to trust, where a connection may be told. */
  readonly ca?: string | undefined;
  /** The cases whose names contain it; default all. */
  readonly only?: string | undefined;
}

type ConnectionOptions = Wsimd.ConnectionOptions;

/** A case that a runtime cannot play, and why. */
export class Impossible extends Error {}

export class Stage {
  readonly #opened: (() => void)[] = [];

  constructor(
    readonly place: Place,
    readonly modules: Modules,
  ) {}

  /** A name that no other case has. */
  id(): string {
    return crypto.randomUUID();
  }

  /** A connection of the callback API, not begun; `told` has a line for each callback. */
  connection(
    path: string,
    options: ConnectionOptions = {},
    scheme: 'ws' | 'wss' = 'ws',
  ): { connection: AsyncTcpConnection; told: Told } {
    const { AsyncTcpConnection } = this.modules.wsimd;
    const { ca } = this.place;
    const connection = new AsyncTcpConnection(
      `${this.place[scheme]}${path}`,
      scheme === 'wss' && ca !== undefined ? { ca, ...options } : options,
    );
    this.#opened.push(() => connection.destroy());
    const told = new Told();
    connection.onWebSocketConnect = () => told.tell('open');
    connection.onMessage = (_, data, isBinary) => {
      told.messages.push(data);
      told.tell(isBinary ? `binary ${data.length}` : `text ${data.length > 40 ? data.length : data}`);
    };
    connection.onWebSocketPing = null;
    connection.onError = (_, code, _message, cause) =>
      told.tell(`error ${(cause as Wsimd.WsimdError | undefined)?.code ?? code}`);
    connection.onClose = (_, { code, wasClean, error, willReconnect }) =>
      told.tell(
        `close ${code}${wasClean ? ' clean' : ''}${error ? ` ${error.code}` : ''}${willReconnect ? ' back' : ''}`,
      );
    connection.onBufferFull = () => told.tell('full');
    connection.onBufferDrain = () => told.tell('drain');
    connection.onReconnect = (_, attempt) => told.tell(`reconnect ${attempt}`);
    return { connection, told };
  }

  /** The same, open. */
  async open(
    path: string,
    configure: (connection: AsyncTcpConnection) => void = () => {},
    options: ConnectionOptions = {},
    scheme: 'ws' | 'wss' = 'ws',
  ): Promise<{ connection: AsyncTcpConnection; told: Told }> {
    const both = this.connection(path, options, scheme);
    configure(both.connection);
    both.connection.connect();
    await both.told.until('open');
    return both;
  }

  /** A WebSocket of the WHATWG. */
  webSocket(path: string): { socket: Web.WebSocket; told: Told } {
    const socket = new this.modules.web.WebSocket(`${this.place.ws}${path}`);
    this.#opened.push(() => socket.close());
    socket.binaryType = 'arraybuffer';
    const told = new Told();
    socket.onopen = () => told.tell('open');
    socket.onmessage = ({ data }) => {
      told.messages.push(data);
      told.tell(
        typeof data === 'string' ? `text ${data.length > 40 ? data.length : data}` : `binary ${data.byteLength}`,
      );
    };
    socket.onerror = () => told.tell('error');
    socket.onclose = ({ code, wasClean }) => told.tell(`close ${code}${wasClean ? ' clean' : ''}`);
    return { socket, told };
  }

  /** Every case leaves nothing behind. */
  clear(): void {
    for (const close of this.#opened.splice(0)) close();
  }
}

/** Lines, and whoever waits for one. */
export class Told {
  readonly lines: string[] = [];
  readonly messages: (string | Uint8Array | ArrayBuffer)[] = [];
  readonly #waiting = new Set<() => void>();

  tell(line: string): void {
    this.lines.push(line);
    for (const look of this.#waiting) look();
  }

  /** Resolves when a line begins so, `count` times, or rejects after some seconds with all there is. */
  until(beginning: string, count = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.lines.filter((line) => line.startsWith(beginning)).length < count) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(
          new Error(
            `waited for "${beginning}", ${count} times; told was: ${this.lines.slice(-20).join(' | ') || 'nothing'}`,
          ),
        );
      }, 15_000);
      this.#waiting.add(look);
      look();
    });
  }
}

export function expectSame(found: unknown, expected: unknown, what = ''): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what} ${one?.slice(0, 300)} is not ${other?.slice(0, 300)}`.trim());
}

export function expectTrue(condition: boolean, complaint: string): void {
  if (!condition) throw new Error(complaint);
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Bytes that do not repeat soon, the same at each call. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function isSame(one: Uint8Array | ArrayBuffer | string | undefined, other: Uint8Array): boolean {
  if (one === undefined || typeof one === 'string') return false;
  const bytes = one instanceof ArrayBuffer ? new Uint8Array(one) : one;
  return bytes.length === other.length && bytes.every((byte, i) => byte === other[i]);
}
