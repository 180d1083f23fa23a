// The class as programs see it: names, constants, properties, and what they are before, while and behind a connection.

import { EventEmitter } from 'node:events';
import { script } from './script';

const PROPERTIES = [
  ...['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED', 'binaryType', 'bufferedAmount', 'extensions', 'isPaused'],
  ...['protocol', 'readyState', 'url', 'onopen', 'onclose', 'onerror', 'onmessage'],
];
const METHODS = [
  'addEventListener',
  'removeEventListener',
  'close',
  'terminate',
  'send',
  'ping',
  'pong',
  'pause',
  'resume',
];

export const shape = [
  script('constants', ({ WebSocket, told }) => {
    for (const name of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']) {
      told.write(`${name} ${JSON.stringify(Object.getOwnPropertyDescriptor(WebSocket, name))}`);
      told.write(`${name} ${JSON.stringify(Object.getOwnPropertyDescriptor(WebSocket.prototype, name))}`);
    }
  }),
  script('constants cannot be changed', ({ WebSocket, told }) => {
    const constants = WebSocket as unknown as { OPEN: number };
    try {
      constants.OPEN = 7;
    } catch (error) {
      // Its message quotes the source of the class.
      told.write((error as Error).name);
    }
    told.write(String(constants.OPEN));
  }),
  script('the class', ({ WebSocket, told }) => {
    told.write(`${WebSocket.name} ${typeof WebSocket} ${WebSocket.length}`);
    told.write(
      `emitter ${WebSocket.prototype instanceof EventEmitter} ${Object.getPrototypeOf(WebSocket) === EventEmitter}`,
    );
    told.write(`${Object.getPrototypeOf(WebSocket.prototype) === EventEmitter.prototype}`);
    told.write(`tag ${Object.prototype.toString.call(WebSocket.prototype)}`);
  }),
  script('properties', ({ WebSocket, told }) => {
    for (const name of PROPERTIES) {
      const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {};
      told.write(`${name} ${typeof get} ${typeof set} ${enumerable} ${configurable}`);
    }
  }),
  script('methods', ({ WebSocket, told }) => {
    for (const name of METHODS) {
      const method = (WebSocket.prototype as unknown as Record<string, () => void>)[name]!;
      told.write(`${name} ${typeof method} ${method.length}`);
    }
  }),
  script('names that for…in finds in the prototype', ({ WebSocket, told }) => {
    told.write(
      Object.keys(WebSocket.prototype)
        .filter((name) => PROPERTIES.includes(name))
        .sort()
        .join(' '),
    );
  }),
  script('properties that are only read', async (stage) => {
    const { client, peer } = await stage.opened();
    for (const name of ['readyState', 'url', 'protocol', 'extensions', 'bufferedAmount', 'isPaused']) {
      stage.attempt(name, () => {
        (client as unknown as Record<string, unknown>)[name] = 'changed';
      });
      stage.note(client, name, (client as unknown as Record<string, unknown>)[name] === 'changed');
    }
    await peer.finish();
    await stage.closed();
  }),
  script('properties over a life', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(`${server.url}/path`, 'chat');
    const look = (when: string): void => {
      const values = PROPERTIES.map((name) => `${name}=${(client as unknown as Record<string, unknown>)[name]}`);
      stage.told.write(`${when}: ${values.join(' ')}`);
    };
    look('at first');
    client.on('open', () => look('in open'));
    client.on('close', () => look('in close'));
    const peer = await server.peer();
    const head = await peer.readHead();
    look('asked');
    const { RawPeer } = await import('../../support/raw-peer');
    peer.write(Buffer.from(RawPeer.answer(head, 'Sec-WebSocket-Protocol: chat')));
    await stage.until('open');
    look('open');
    client.close();
    look('closing');
    await peer.finish();
    await stage.closed();
    look('closed');
  }),
  script('instances', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.note(client, 'instance', client instanceof stage.WebSocket, client instanceof EventEmitter);
    stage.note(client, 'constructor', client.constructor === stage.WebSocket, client.constructor.name);
    stage.note(client, 'text', String(client));
    await peer.finish();
    await stage.closed();
  }),
  script('a subclass', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(1000));
    class Own extends stage.WebSocket {
      readonly own = 5;
      override close(code?: number, reason?: string | Buffer): void {
        stage.told.write('close of the subclass');
        super.close(code, reason);
      }
    }
    const client = stage.watch(new Own(url, { perMessageDeflate: false }));
    await stage.closed();
    stage.note(client, 'own', (client as Own).own, client instanceof Own, client.constructor.name);
  }),
  script('what a method answers', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('send', () => client.send('x'));
    stage.attempt('ping', () => client.ping());
    stage.attempt('pong', () => client.pong());
    stage.attempt('pause', () => client.pause());
    stage.attempt('resume', () => client.resume());
    stage.attempt('on', () => client.on('open', () => {}));
    stage.attempt('addEventListener', () => client.addEventListener('open', () => {}));
    stage.attempt('removeEventListener', () => client.removeEventListener('open', () => {}));
    stage.attempt('close', () => client.close());
    await peer.finish();
    await stage.closed();
  }),
  script('methods without their object', ({ WebSocket, attempt, told }) => {
    const free = attempt.bind({ told });
    for (const name of ['send', 'close', 'terminate', 'pause'] as const) {
      const method = WebSocket.prototype[name] as (this: unknown) => void;
      free(name, () => {
        try {
          method.call(undefined);
        } catch (error) {
          throw (error as Error).constructor;
        }
      });
    }
  }),
  script('options stay as they are', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(1000));
    const options = { perMessageDeflate: false, headers: { 'X-One': '1' }, origin: 'https://o.example' };
    const text = JSON.stringify(options);
    const client = stage.watch(new stage.WebSocket(url, ['a'], Object.freeze(options)));
    await stage.closed();
    stage.note(client, 'same', JSON.stringify(options) === text);
  }),
];
