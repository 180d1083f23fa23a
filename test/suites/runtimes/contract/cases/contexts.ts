// In whose async context everything is told, where a runtime has such. See ../cases.ts.

import type { Cases } from '../cases';
import { expectSame, expectTrue, Impossible, type Stage, Told } from '../stage';

interface Storage {
  run<Result>(name: string, call: () => Result): Result;
  getStore(): string | undefined;
}

interface Lender {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: new () => Storage } | undefined;
  };
}

/** Writes down in which context something is told. */
class ContextTold extends Told {
  readonly #storage: Storage;

  constructor() {
    super();
    const hooks = (globalThis as Lender).process?.getBuiltinModule?.('node:async_hooks');
    if (hooks?.AsyncLocalStorage === undefined) throw new Impossible('there are no async contexts');
    this.#storage = new hooks.AsyncLocalStorage();
  }

  within<Result>(name: string, call: () => Result): Result {
    return this.#storage.run(name, call);
  }

  note(what: string): void {
    this.tell(`${what} in ${this.#storage.getStore() ?? 'none'}`);
  }

  /** What was told somewhere else: whatever belongs to `A…` is told in A. */
  strays(): string[] {
    return this.lines.filter((line) => !line.endsWith(` in ${line[0]}`));
  }
}

const CALLBACKS = [
  ...([
    'onConnect',
    'onWebSocketConnect',
    'onMessage',
    'onWebSocketPing',
    'onWebSocketPong',
    'onWebSocketClose',
  ] as const),
  ...(['onError', 'onClose', 'onBufferFull', 'onBufferDrain', 'onReconnect', 'onReconnectFailed'] as const),
];

async function callbacks(stage: Stage, scheme: 'ws' | 'wss'): Promise<void> {
  const told = new ContextTold();
  const make = (name: string, path: string) => {
    const { connection } = told.within('made', () => stage.connection(path, {}, scheme));
    for (const callback of CALLBACKS) connection[callback] = () => told.note(`${name} ${callback}`);
    told.within(name, () => connection.connect());
    return connection;
  };
  const names = ['A', 'B', 'C'];
  const [closed, destroyed, cut] = names.map((name) => make(name, `/comeback?id=${stage.id()}`));
  for (const name of names) await told.until(`${name} onMessage`);
  told.within('X', () => {
    for (const one of [closed, destroyed, cut]) {
      one!.pauseRecv();
      one!.ping('x');
      one!.send('x');
    }
  });
  told.within('Y', () => {
    for (const one of [closed, destroyed, cut]) one!.resumeRecv();
  });
  for (const name of names) await told.until(`${name} onMessage`, 2);
  for (const name of names) await told.until(`${name} onWebSocketPong`);
  cut!.reconnectPolicy = { minDelay: 0.01, maxRetries: 1, jitter: 0 };
  told.within('X', () => closed!.close(1000));
  told.within('X', () => destroyed!.destroy());
  told.within('X', () => cut!.send('cut'));
  await told.until('A onClose');
  await told.until('B onClose');
  await told.until('C onWebSocketConnect', 2);
  make('D', '/ping');
  make('E', '/refuse');
  make('F', '/close?code=1000');
  for (const line of ['D onWebSocketPing', 'E onClose', 'F onClose']) await told.until(line);
  expectSame(told.strays(), []);
}

export const CONTEXTS: Cases = {
  'AsyncTcpConnection tells everything in the async context of connect()': (stage) => callbacks(stage, 'ws'),
  'AsyncTcpConnection over TLS tells everything in the async context of connect()': (stage) => callbacks(stage, 'wss'),

  async 'wsimd/web: sockets in line, and streams, each in its async context'(stage: Stage) {
    const { WebSocket, WebSocketStream } = stage.modules.web;
    const told = new ContextTold();
    const names = ['A', 'B', 'C', 'D'];
    const sockets = names.map((name) =>
      told.within(name, () => {
        const socket = new WebSocket(`${stage.place.ws}${name === 'D' ? '/refuse' : '/echo'}`);
        for (const type of ['open', 'message', 'error', 'close'] as const) {
          socket.addEventListener(type, () => told.note(`${name} ${type}`));
        }
        return socket;
      }),
    );
    const streamed = told.within('E', async () => {
      const stream = new WebSocketStream(`${stage.place.ws}/echo`);
      const { readable, writable } = await stream.opened;
      told.note('E opened');
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      for (const text of ['one', 'two']) {
        await writer.write(text);
        told.note('E written');
        await reader.read();
        told.note('E read');
      }
      stream.close();
      await stream.closed;
      told.note('E closed');
    });
    for (const name of ['A', 'B', 'C']) await told.until(`${name} open`);
    told.within('X', () => {
      for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send('x');
    });
    for (const name of ['A', 'B', 'C']) await told.until(`${name} message`);
    told.within('Y', () => {
      for (const socket of sockets) socket.close();
    });
    for (const name of names) await told.until(`${name} close`);
    await streamed;
    expectSame(told.strays(), []);
  },

  async 'the drop-in for ws: events and callbacks of sends, each in its async context'(stage: Stage) {
    const { WebSocket, createWebSocketStream } = stage.modules.wsimd;
    if (WebSocket.prototype.send === undefined) throw new Impossible('the drop-in is made of node:http, and says so');
    const told = new ContextTold();
    const make = (name: string, path: string, options = {}) =>
      told.within(name, () => {
        const socket = new WebSocket(`${stage.place.ws}${path}`, options);
        for (const event of ['open', 'message', 'ping', 'pong', 'error', 'close', 'upgrade']) {
          if (event !== 'upgrade' || name === 'C') socket.on(event, () => told.note(`${name} ${event}`));
        }
        return socket;
      });
    // The last one is what has node:http do the handshake.
    const sockets = [
      make('A', '/deflate'),
      make('B', '/echo'),
      make('C', '/echo'),
      make('D', '/echo', { agent: false }),
    ];
    const names = ['A', 'B', 'C', 'D'];
    for (const name of names) await told.until(`${name} open`);
    sockets.forEach((socket, i) => {
      told.within(`${i}`, () => socket.send('x', () => told.note(`${i} sent`)));
    });
    told.within('4', () => sockets[0]!.send('x'.repeat(200_000), () => told.note('4 sent')));
    told.within('5', () => sockets[0]!.ping('', true, () => told.note('5 sent')));
    for (let i = 0; i < 6; i += 1) await told.until(`${i} sent`);
    for (const name of names) await told.until(`${name} message`);
    const stream = told.within('A', () => createWebSocketStream(sockets[0]!));
    stream.on('data', () => told.note('A data'));
    told.within('7', () => stream.write('x', () => told.note('7 written')));
    await told.until('A data');
    await told.until('7 written');
    told.within('X', () => {
      for (const socket of sockets) socket.terminate();
    });
    make('E', '/refuse');
    make('F', '/close?code=1000');
    for (const name of [...names, 'E', 'F']) await told.until(`${name} close`);
    expectSame(told.strays(), []);
    expectTrue(told.lines.includes('C upgrade in C'), 'there was no upgrade');
  },
};
