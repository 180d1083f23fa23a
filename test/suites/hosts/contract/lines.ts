// One connection as the contract sees it, on each face: what is sent, the next message, how it ends. A face that has no such thing
// leaves it out.

import { type Modules, type Place, Told } from './stage';

export type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export interface LineOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Headers | Record<string, string>;
  /** Authorities to trust. */
  readonly ca?: string | Buffer;
  readonly perMessageDeflate?: boolean;
}

/** An open connection. */
export interface Line {
  /** The object that users have. */
  readonly object: object;
  /** As told; text as a string, whatever the face makes of it. */
  next(): Promise<unknown>;
  send(data: Data): void;
  /** What the server has agreed to; undefined where a face does not tell. */
  readonly extensions: string | undefined;
  ping?(payload: Uint8Array): void;
  nextPong?(): Promise<unknown>;
  nextPing?(): Promise<unknown>;
  close(code: number, reason: string): void;
  /** Settles when the connection is over. */
  readonly ended: Promise<Ending>;
}

/** Resolves when it is open, or rejects with what users are told. */
export type Open = (url: string | URL, options?: LineOptions) => Promise<Line>;

/** `Modules` by face. */
export interface Faces {
  readonly [face: string]: (modules: Modules, place: Place) => Open;
}

const OVER = new Error('the connection is over');

function settled<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

const callback: Faces[string] =
  ({ wsimd: { AsyncTcpConnection } }) =>
  (url, { headers, perMessageDeflate, ...options } = {}) => {
    const opened = settled<Line>();
    const ended = settled<Ending>();
    const [messages, pings, pongs] = [new Told<unknown>(), new Told<unknown>(), new Told<unknown>()];
    const connection = new AsyncTcpConnection(String(url), options as object);
    // Headers are a record here, by its documentation.
    if (headers) connection.headers = headers as Record<string, string>;
    if (perMessageDeflate) connection.perMessageDeflate = true;
    let extensions = '';
    connection.onWebSocketConnect = (_, response) => {
      extensions = /^sec-websocket-extensions: (.*)\r$/im.exec(String(response))?.[1] ?? '';
      opened.resolve(line);
    };
    connection.onMessage = (_, data) => messages.tell(data);
    connection.onWebSocketPing = (one, payload) => {
      one.pong(payload);
      pings.tell(payload);
    };
    connection.onWebSocketPong = (_, payload) => pongs.tell(payload);
    connection.onError = (_, code, message, cause) => opened.reject(Object.assign(new Error(message), { code, cause }));
    connection.onClose = (_, { code, reason }) => {
      for (const told of [messages, pings, pongs]) told.end(OVER);
      ended.resolve({ code, reason });
    };
    const line: Line = {
      object: connection,
      next: () => messages.next(),
      send: (data) => void connection.send(data),
      get extensions() {
        return extensions;
      },
      ping: (payload) => void connection.ping(payload),
      nextPong: () => pongs.next(),
      nextPing: () => pings.next(),
      close: (code, reason) => void connection.close(code, reason),
      ended: ended.promise,
    };
    connection.connect();
    return opened.promise;
  };

const dropIn: Faces[string] =
  ({ wsimd: { WebSocket } }) =>
  (url, { headers, signal, ...options } = {}) => {
    const opened = settled<Line>();
    const ended = settled<Ending>();
    const [messages, pings, pongs] = [new Told<unknown>(), new Told<unknown>(), new Told<unknown>()];
    const socket = new WebSocket(url, { ...options, ...(headers && { headers: headers as Record<string, string> }) });
    signal?.addEventListener('abort', () => socket.terminate());
    const line: Line = {
      object: socket,
      next: () => messages.next(),
      send: (data) => socket.send(data as string),
      get extensions() {
        return socket.extensions;
      },
      ping: (payload) => socket.ping(payload),
      nextPong: () => pongs.next(),
      nextPing: () => pings.next(),
      close: (code, reason) => socket.close(code, typeof Buffer === 'function' ? Buffer.from(reason) : reason),
      ended: ended.promise,
    };
    socket.on('open', () => opened.resolve(line));
    socket.on('message', (data, isBinary) => messages.tell(isBinary ? data : data.toString()));
    socket.on('ping', (payload) => pings.tell(payload));
    socket.on('pong', (payload) => pongs.tell(payload));
    socket.on('error', opened.reject);
    socket.on('close', (code, reason) => {
      for (const told of [messages, pings, pongs]) told.end(OVER);
      ended.resolve({ code, reason: reason.toString() });
    });
    return opened.promise;
  };

/** What the two sockets with the events of the WHATWG have in common. */
interface EventSocket {
  binaryType: string;
  readonly extensions: string;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  addEventListener(type: string, listener: (event: never) => void): void;
  send(data: never): void;
  close(code: number, reason: string): void;
}

function overEvents(socket: EventSocket): Promise<Line> {
  const opened = settled<Line>();
  const ended = settled<Ending>();
  const messages = new Told<unknown>();
  socket.binaryType = 'arraybuffer';
  const line: Line = {
    object: socket,
    next: () => messages.next(),
    send: (data) => socket.send(data as never),
    get extensions() {
      return socket.extensions;
    },
    close: (code, reason) => socket.close(code, reason),
    ended: ended.promise,
  };
  socket.addEventListener('open', () => opened.resolve(line));
  socket.addEventListener('error', ({ error }: { readonly error?: unknown }) => opened.reject(error));
  socket.onmessage = ({ data }: { readonly data: unknown }) => messages.tell(data);
  socket.onclose = ({ code, reason }: Ending) => {
    messages.end(OVER);
    ended.resolve({ code, reason });
  };
  return opened.promise;
}

/** The drop-in again, by the side of it that is an EventTarget. */
const dropInEvents: Faces[string] =
  ({ wsimd: { WebSocket } }) =>
  (url, { headers, signal, ...options } = {}) => {
    const socket = new WebSocket(url, { ...options, ...(headers && { headers: headers as Record<string, string> }) });
    signal?.addEventListener('abort', () => socket.terminate());
    return overEvents(socket as unknown as EventSocket);
  };

const web: Faces[string] =
  ({ web: { WebSocket } }) =>
  (url, { headers, signal, ca, ...options } = {}) => {
    const socket = new WebSocket(url, {
      ...options,
      ...(headers && { headers }),
      ...(ca && { tls: { ca } }),
    } as object);
    signal?.addEventListener('abort', () => socket.close());
    return overEvents(socket as unknown as EventSocket);
  };

const stream: Faces[string] =
  ({ web: { WebSocketStream } }) =>
  async (url, { headers, ca, ...options } = {}) => {
    const socket = new WebSocketStream(String(url), {
      ...options,
      ...(headers && { headers }),
      ...(ca && { tls: { ca } }),
    } as object);
    // Whoever opens it gets the reason there.
    socket.closed.catch(() => {});
    const { readable, writable, extensions } = await socket.opened;
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    // What is written on a connection that ends rejects; the messages are missed then, or the end is another one.
    writer.closed.catch(() => {});
    return {
      object: socket,
      next: async () => (await reader.read()).value,
      send: (data) => void writer.write(data as string).catch(() => {}),
      extensions,
      close: (closeCode, reason) => socket.close({ closeCode, reason }),
      ended: socket.closed.then(({ closeCode, reason }) => ({ code: closeCode, reason }) as Ending),
    };
  };

export const FACES = { callback, 'drop-in': dropIn, 'its events': dropInEvents, web, stream } satisfies Faces;

export type Face = keyof typeof FACES;
