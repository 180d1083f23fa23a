// What a time-out says: after how many seconds, and what it waited for. Each phase stands still at a server, or a function, that
// does not answer.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type ConnectionOptions, WebSocket as DropIn } from '../../src/index';
import { rawServer } from '../support/servers';

const COVERS = 'No connection within connectTimeout, which covers providers, proxy, DNS, TCP, TLS and handshake: ';

/** Says nothing to anybody. */
async function silence(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Late {
  readonly url: (() => Promise<string>) | string;
  readonly options?: ConnectionOptions;
  readonly proxyHttp?: string;
}

async function late({ url, options, proxyHttp }: Late): Promise<string> {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  connection.connectTimeout = 0.25;
  connection.proxyHttp = proxyHttp;
  const message = await new Promise<string>((resolve) => {
    connection.onError = (_connection, code, sentence) => {
      expect(code).toBe(AsyncTcpConnection.TIMEOUT);
      resolve(sentence);
    };
    connection.connect();
  });
  expect(message.slice(0, COVERS.length)).toBe(COVERS);
  expect(message).not.toContain('secret');
  return message.slice(COVERS.length);
}

const never: ConnectionOptions = { lookup: () => {} };

it('waiting for a function that provides', async () => {
  expect(await late({ url: () => new Promise(() => {}) })).toBe(
    'after 0.25 seconds, waiting for the function that provides URL, headers, subprotocol or cookies.',
  );
});

it.each(['ws', 'wss'])('waiting for DNS, over %s', async (scheme) => {
  expect(await late({ url: `${scheme}://user:secret@name.test:8080/?secret`, options: never })).toBe(
    'after 0.25 seconds, waiting for DNS (name.test port 8080).',
  );
});

it.each(['ws', 'wss'])('waiting for TCP, over %s', async (scheme) => {
  // A listener whose backlog is full and who accepts nobody: its thread is busy.
  const program = `
    const { createServer } = require('node:net');
    const { parentPort, workerData } = require('node:worker_threads');
    const server = createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(workerData), 0, 0);
    });`;
  const shared = new SharedArrayBuffer(4);
  const worker = new Worker(program, { eval: true, workerData: shared });
  onTestFinished(async () => {
    Atomics.store(new Int32Array(shared), 0, 1);
    Atomics.notify(new Int32Array(shared), 0);
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  // As many as the system itself accepts: the next one is not.
  for (;;) {
    const filler = connect(port, '127.0.0.1');
    onTestFinished(() => void filler.destroy());
    const isAccepted = await Promise.race([once(filler, 'connect').then(() => true), setTimeout(500, false)]);
    if (!isAccepted) break;
  }
  expect(await late({ url: `${scheme}://127.0.0.1:${port}` })).toBe(
    `after 0.25 seconds, waiting for TCP (127.0.0.1 port ${port}).`,
  );
});

it('waiting for TLS', async () => {
  const port = await silence();
  expect(await late({ url: `wss://127.0.0.1:${port}` })).toBe(
    `after 0.25 seconds, waiting for TLS (127.0.0.1 port ${port}).`,
  );
});

it('waiting for the answer to the handshake', async () => {
  const server = await rawServer('ws');
  expect(await late({ url: server.url })).toBe(
    `after 0.25 seconds, waiting for the answer to the handshake (127.0.0.1 port ${server.port}).`,
  );
});

it.each([
  ['its answer', '', 'the proxy'],
  ['its TLS', 'https://', 'the proxy, TLS'],
])('waiting for a proxy: %s', async (_, scheme, phase) => {
  const port = await silence();
  const proxyHttp = `${scheme}127.0.0.1:${port}`;
  expect(await late({ url: 'ws://name.test:80', proxyHttp })).toBe(
    `after 0.25 seconds, waiting for ${phase} (name.test port 80).`,
  );
});

it('waiting for DNS, for the name of a proxy', async () => {
  expect(await late({ url: 'ws://name.test:81', proxyHttp: 'proxy.test:80', options: never })).toBe(
    'after 0.25 seconds, waiting for the proxy, DNS (name.test port 81).',
  );
});

it('is the cause of the error that the drop-in tells as ws does', async () => {
  const port = await silence();
  const socket = new DropIn(`ws://127.0.0.1:${port}`, { handshakeTimeout: 200 });
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toBe('Opening handshake has timed out');
  expect((error.cause as Error).message).toBe(
    `${COVERS}after 0.2 seconds, waiting for the answer to the handshake (127.0.0.1 port ${port}).`,
  );
});
