// The client programs that the run can be held against: each is an echo program over one library's public API, which writes
// down what it is told. The judge sees only what is written here, and what was on the wire.

import WebSocket, { type ClientOptions } from 'ws';
import { AsyncTcpConnection, type WsimdError } from '../../../src/index';
import type { Action, Ending, Item, Limits } from './case';

/** Larger than every case: nothing that a case sends may be dropped for its size. */
const UNLIMITED = 1024 * 1024 * 1024;
/** Seconds. The script decides when things end: no deadline of a client may be faster than a slow machine. */
const PATIENT = 60;

/** What a client program was told. */
export class ClientLog {
  readonly told: Item[] = [];
  readonly errors: string[] = [];
  isOpen = false;
  ending: Ending | undefined;
  /** Called after every line. */
  onChange: () => void = () => {};

  open(): void {
    this.isOpen = true;
    this.onChange();
  }

  item(kind: Item['kind'], bytes: Uint8Array): void {
    this.told.push({ kind, bytes });
    this.onChange();
  }

  error(code: string): void {
    this.errors.push(code);
    this.onChange();
  }

  end(ending: Ending): void {
    if (this.ending !== undefined) this.errors.push('onClose was called twice');
    this.ending = ending;
    this.onChange();
  }
}

export interface Session {
  perform(action: Action): void;
  /** Whatever state it is in: it may be in the middle of a case that went wrong. */
  destroy(): void;
}

export interface ClientProgram {
  readonly name: string;
  start(url: string, limits: Limits, log: ClientLog): Session;
}

export const wsimd: ClientProgram = {
  name: 'wsimd',
  start(url, limits, log) {
    const connection = Object.assign(new AsyncTcpConnection(url), limits);
    connection.maxSendBufferSize = UNLIMITED;
    connection.closeTimeout = PATIENT;
    connection.lingerTimeout = PATIENT;
    connection.onWebSocketConnect = () => log.open();
    connection.onMessage = (connection, data, isBinary) => {
      if (isBinary === (typeof data === 'string')) log.error(`isBinary is ${isBinary} for a ${typeof data}`);
      log.item(isBinary ? 'binary' : 'text', typeof data === 'string' ? Buffer.from(data) : data);
      connection.send(data);
    };
    connection.onWebSocketPong = (_, payload) => log.item('pong', payload);
    connection.onError = (_connection, _code, _message, cause) =>
      log.error((cause as WsimdError).code ?? String(cause));
    connection.onClose = (_, { code, reason, wasClean }) => log.end({ code, reason, wasClean });
    connection.connect();
    return {
      perform(action) {
        if (action.kind === 'send') connection.send(action.data);
        else if (action.kind === 'ping') connection.ping(action.data);
        else connection.close(action.code, action.reason);
      },
      destroy: () => connection.destroy(),
    };
  },
};

export const ws: ClientProgram = {
  name: 'ws',
  start(url, { maxPackageSize = 10 * 1024 * 1024, maxFragments }, log) {
    // Its types do not know closeTimeout and maxFragments yet.
    const options: ClientOptions & { closeTimeout: number; maxFragments?: number } = {
      perMessageDeflate: false,
      maxPayload: maxPackageSize,
      ...(maxFragments === undefined ? {} : { maxFragments }),
      closeTimeout: PATIENT * 1000,
    };
    const socket = new WebSocket(url, options);
    socket.on('open', () => log.open());
    socket.on('message', (data: Buffer, isBinary) => {
      log.item(isBinary ? 'binary' : 'text', data);
      socket.send(data, { binary: isBinary });
    });
    socket.on('pong', (payload) => log.item('pong', payload));
    socket.on('error', (error: NodeJS.ErrnoException) => log.error(error.code ?? error.message));
    socket.addEventListener('close', ({ code, reason, wasClean }) => log.end({ code, reason, wasClean }));
    return {
      perform(action) {
        if (action.kind === 'send') socket.send(action.data);
        else if (action.kind === 'ping') socket.ping(action.data);
        else socket.close(action.code, action.reason);
      },
      destroy: () => socket.terminate(),
    };
  },
};

export const PROGRAMS: readonly ClientProgram[] = [wsimd, ws];
