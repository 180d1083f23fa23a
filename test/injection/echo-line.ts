// A connection of each face over a real socket, to a server that echoes: what it sends has to come back. It knows no verdict on
// others.

import type { WebSocket as DropIn } from '../../src/index';
import type { Calls } from './calls';
import type { Library } from './library';
import { Ledger, type Message } from './messages';
import { nameOf } from './pipes';

/** What a face can do. */
interface Connection {
  send(message: Message): void;
  close(): void;
  destroy(): void;
}

/** What a face tells. */
interface Told {
  opened(): void;
  received(data: string | Uint8Array, isBinary: boolean): void;
  failed(error: unknown): void;
  closed(error?: unknown): void;
}

export type Face = (modules: Library, url: string, told: Told) => Connection;

const callback: Face = ({ main }, url, told) => {
  const connection = new main.AsyncTcpConnection(url);
  connection.perMessageDeflate = true;
  connection.onWebSocketConnect = () => told.opened();
  connection.onMessage = (_, data, isBinary) => told.received(data, isBinary);
  // 8: an exception of a callback, which is not the connection's.
  connection.onError = (_, code, message) => {
    if (code !== 8) told.failed(message);
  };
  connection.onClose = (_, { error }) => told.closed(error);
  // What is told so may come behind the end.
  connection.onUnsent = () => {};
  connection.connect();
  return {
    send: ({ bytes, isBinary }) => {
      if (connection.send(isBinary ? bytes : bytes.toString()) === false) throw new Error('It was dropped.');
    },
    close: () => connection.close(),
    destroy: () => connection.destroy(),
  };
};

const dropIn: Face = ({ main }, url, told) => {
  const socket: DropIn = new main.WebSocket(url);
  socket.on('open', () => told.opened());
  socket.on('message', (data: Buffer, isBinary) => told.received(isBinary ? data : data.toString(), isBinary));
  socket.on('error', (error) => told.failed(error));
  socket.on('close', (code) => told.closed(code === 1006 ? code : undefined));
  return {
    send: ({ bytes, isBinary }) => {
      if (socket.readyState !== 1) throw new Error('It is too late.');
      socket.send(isBinary ? bytes : bytes.toString());
    },
    close: () => socket.close(),
    destroy: () => socket.terminate(),
  };
};

const web: Face = ({ web: { WebSocket } }, url, told) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => told.opened();
  socket.onmessage = ({ data }) => {
    const isText = typeof data === 'string';
    told.received(isText ? data : new Uint8Array(data), !isText);
  };
  socket.onerror = () => told.failed('an error event');
  socket.onclose = () => told.closed();
  return {
    send: ({ bytes, isBinary }) => {
      if (socket.readyState !== 1) throw new Error('It is too late.');
      socket.send(isBinary ? new Uint8Array(bytes) : bytes.toString());
    },
    close: () => socket.close(),
    destroy: () => socket.close(),
  };
};

export const FACES: Readonly<Record<string, Face>> = { callback, 'drop-in': dropIn, web };

export class EchoLine {
  readonly ledger: Ledger;
  readonly complaints: string[] = [];
  readonly errors: string[] = [];
  isOpen = false;
  isEndExpected = false;
  closes = 0;
  onReceived: (() => void) | undefined;
  private connection: Connection | undefined;
  private settle: (() => void)[] = [];

  constructor(
    readonly name: string,
    private readonly calls?: Calls,
  ) {
    this.ledger = new Ledger(name);
  }

  open(face: Face, modules: Library, url: string): void {
    this.connection = face(modules, url, {
      opened: () => {
        this.told('open');
        this.isOpen = true;
        this.callOut();
      },
      received: (data, isBinary) => {
        this.told('a message');
        this.ledger.arrive(typeof data === 'string' ? Buffer.from(data) : Buffer.from(data), isBinary);
        this.onReceived?.();
        this.callOut();
      },
      failed: (error) => {
        this.told('an error');
        this.errors.push(nameOf(error));
        this.callOut();
      },
      closed: (error) => {
        this.closes += 1;
        if (error !== undefined) this.errors.push(nameOf(error));
        if (this.closes > 1) this.complaints.push(`${this.name}: a second end`);
        this.callOut();
      },
    });
  }

  /** Whatever that throws was not sent. */
  send(size: number, isBinary: boolean): void {
    const message = this.ledger.next(size, isBinary);
    try {
      this.connection!.send(message);
    } catch {
      this.ledger.withdraw(message);
    }
  }

  close(): void {
    this.isEndExpected = true;
    this.connection!.close();
  }

  destroy(): void {
    this.isEndExpected = true;
    this.connection!.destroy();
  }

  /** Resolves when it is over, or when it is open and the condition is met. */
  async until(condition: () => boolean): Promise<void> {
    while (this.closes === 0 && !(this.isOpen && condition())) {
      await new Promise<void>((resolve) => this.settle.push(resolve));
    }
  }

  /** What is wrong, when nothing is under way. */
  verdict(): string[] {
    const found = [...this.complaints, ...this.ledger.complaints];
    const isOver = this.isEndExpected || this.errors.length > 0;
    if (this.closes > 0 && !isOver) found.push(`${this.name} ended, and nothing said why`);
    const { missing, firstMissing } = this.ledger;
    if (!isOver && missing > 0) found.push(`${this.name}: ${missing} messages are missing, from ${firstMissing} on`);
    return found;
  }

  private told(what: string): void {
    if (this.closes > 0) this.complaints.push(`${this.name}: ${what} behind the end`);
  }

  private callOut(): void {
    for (const resolve of this.settle.splice(0)) resolve();
    this.calls?.out('callback');
  }
}
