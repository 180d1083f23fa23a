// The package in a realm of its own, as Jest and vm load it: its classes of the language are others than those of the runtime,
// whose modules, errors and bytes are of the main realm. Values go both ways.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type * as wsimd from '../../src/index';
import type * as web from '../../src/web';
import { echoServer, rawServer, wsServer } from '../support/servers';

const require = createRequire(import.meta.url);

/** What the runtime has beyond the language, as Jest's environment for Node.js hands it on. */
const LENT = [
  ...[
    'Buffer',
    'URL',
    'TextEncoder',
    'TextDecoder',
    'EventTarget',
    'Event',
    'MessageEvent',
    'AbortSignal',
    'DOMException',
  ],
  ...[
    'AbortController',
    'Blob',
    'process',
    'console',
    'crypto',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setInterval',
  ],
  ...['clearInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'btoa', 'atob', 'ReadableStream'],
  ...['WritableStream', 'structuredClone'],
];

const realm = createContext(Object.fromEntries(LENT.map((name) => [name, (globalThis as never)[name]])));

const loaded = new Map<string, { exports: unknown }>();

function load(file: string): unknown {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} as unknown };
  loaded.set(file, module);
  const text = `(function (module, exports, require) {${readFileSync(file, 'utf8')}\n})`;
  const ownRequire = createRequire(file);
  const evaluate = runInContext(text, realm, { filename: file }) as (...values: unknown[]) => void;
  evaluate(module, module.exports, (name: string) =>
    name.startsWith('.') ? load(ownRequire.resolve(name)) : require(name),
  );
  expect(dirname(file)).toMatch(/dist/);
  return module.exports;
}

const { WebSocket, AsyncTcpConnection } = load(require.resolve('wsimd')) as typeof wsimd;
const { WebSocket: WebWebSocket } = load(require.resolve('wsimd/web')) as typeof web;

function client(url: string): wsimd.WebSocket {
  const made = new WebSocket(url);
  onTestFinished(() => made.on('error', () => {}).terminate());
  return made;
}

it('is of that realm', () => {
  const ArrayOfRealm = runInContext('Uint8Array', realm);
  expect(ArrayOfRealm).not.toBe(Uint8Array);
  expect(Object.getPrototypeOf(WebSocket)).not.toBe(Object.getPrototypeOf(class {}));
});

describe('errors of the runtime', () => {
  it('are told by the drop-in as they are: a closed port', async () => {
    const told = new Promise((resolve) => client('ws://127.0.0.1:1/').once('error', resolve));
    expect(await told).toMatchObject({ code: 'ECONNREFUSED', port: 1, message: 'connect ECONNREFUSED 127.0.0.1:1' });
  });

  it('are told by the drop-in as they are: a certificate that nobody trusts', async () => {
    const server = await rawServer('wss');
    const told = new Promise((resolve) => client(server.url).once('error', resolve));
    expect(await told).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('are the causes that AsyncTcpConnection tells', async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:1/');
    const told = new Promise<unknown[]>((resolve) => {
      connection.onError = (_connection, ...values) => resolve(values);
    });
    connection.connect();
    const [code, message, error] = await told;
    expect([code, message]).toEqual([1, expect.stringContaining('connect ECONNREFUSED 127.0.0.1:1')]);
    expect(message).not.toContain('Error: connect');
    expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

const VALUES: readonly (readonly [string, () => unknown])[] = [
  ['a Buffer', () => Buffer.of(1, 2, 3)],
  ['a Uint8Array of the main realm', () => Uint8Array.of(1, 2, 3)],
  ['an ArrayBuffer of the main realm', () => Uint8Array.of(1, 2, 3).buffer],
  ['one of that realm', () => runInContext('new Uint8Array([1, 2, 3])', realm)],
  ['a Blob', () => new Blob([Uint8Array.of(1, 2, 3)])],
];

describe.each(VALUES)('%s', (_, make) => {
  it('goes to an echo and comes back on each face', async () => {
    const { url } = await echoServer('ws');
    const dropIn = client(url);
    await once(dropIn, 'open');
    dropIn.send(make() as Buffer);
    expect([...(await once(dropIn, 'message'))[0]]).toEqual([1, 2, 3]);

    const standard = new WebWebSocket(url);
    onTestFinished(() => standard.close());
    standard.binaryType = 'arraybuffer';
    const data = new Promise<ArrayBuffer>((resolve) => {
      standard.onmessage = (event) => resolve(event.data);
    });
    await new Promise<void>((resolve) => {
      standard.onopen = () => resolve();
    });
    standard.send(make() as ArrayBuffer);
    expect([...new Uint8Array(await data)]).toEqual([1, 2, 3]);

    const connection = new AsyncTcpConnection(url);
    onTestFinished(() => connection.destroy());
    const received = new Promise<string | Uint8Array>((resolve) => {
      connection.onMessage = (_connection, message) => resolve(message);
    });
    connection.onWebSocketConnect = () => connection.send(make() as Uint8Array);
    connection.connect();
    expect([...((await received) as Uint8Array)]).toEqual([1, 2, 3]);
  });
});

it('compresses by the handles of zlib there, too', async () => {
  const { url } = await wsServer('ws', (socket) => socket.on('message', (data) => socket.send(data)), {
    perMessageDeflate: { threshold: 0 },
  });
  const dropIn = client(url);
  await once(dropIn, 'open');
  const text = 'compressed '.repeat(5_000);
  dropIn.send(text);
  expect(String((await once(dropIn, 'message'))[0])).toBe(text);
});

it('dispatches events of the runtime, and fires its own', async () => {
  const socket = new WebWebSocket('ws://127.0.0.1:1/');
  const heard: string[] = [];
  socket.addEventListener('mine', (event) => heard.push(event.type));
  socket.dispatchEvent(new Event('mine'));
  const event = await new Promise<Event>((resolve) => {
    socket.onerror = resolve;
  });
  expect([heard, event.type, Object.getPrototypeOf(event) === Event.prototype]).toEqual([['mine'], 'error', true]);
});
