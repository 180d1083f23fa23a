// User code that is called in the middle of ours: what it throws is an uncaught exception and harms nobody else, and when it
// closes the connection, what called it finds that out.

import { once } from 'node:events';
import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as ws from 'ws';
import * as wsimd from '../../src/index';
import { bystander } from '../support/bystander';
import { ChildProgram } from '../support/child-program';
import { CLOSE, frame, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { pair } from '../support/web-log';
import { closeOf, openClient, wsClient } from '../support/ws-clients';

type Client = wsimd.WebSocket;

/** What nobody catches until the end of the test, by its message, instead of the runner. */
function uncaught(): string[] {
  const messages: string[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', ({ message }) => messages.push(message));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  return messages;
}

const mine = (): never => {
  throw new Error('mine');
};

describe('an exception of a listener is uncaught, and harms no other connection', () => {
  it('of upgrade: the connection opens all the same', async () => {
    const thrown = uncaught();
    const other = await bystander('ws');
    const server = await rawServer('ws');
    const client = wsClient(server.url);
    client.on('upgrade', mine);
    const message = once(client, 'message');
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'at once'));
    expect(String(await message)).toBe('at once,false');
    expect(thrown).toEqual(['mine']);
    await other();
  });

  it('of unexpected-response, and of the response itself', async () => {
    const thrown = uncaught();
    const other = await bystander('ws');
    const server = await rawServer('ws');
    const client = wsClient(server.url);
    let data = '';
    client.on('unexpected-response', (_request, response) => {
      response.on('data', (chunk) => {
        data += chunk;
        mine();
      });
      mine();
    });
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\n'));
    await expect.poll(() => thrown).toEqual(['mine']);
    peer.write(Buffer.from('one'));
    await expect.poll(() => thrown).toEqual(['mine', 'mine']);
    expect(data).toBe('one');
    client.on('error', () => {});
    const closed = closeOf(client);
    client.terminate();
    expect(await closed).toBe(1006);
    await other();
  });

  it('of redirect: it is followed all the same', async () => {
    const thrown = uncaught();
    const other = await bystander('ws');
    const server = await rawServer('ws');
    const client = wsClient(server.url, [], { followRedirects: true });
    client.on('redirect', mine);
    const first = await server.peer();
    await first.readHead();
    first.write(Buffer.from('HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n'));
    const opened = once(client, 'open');
    await server.acceptedPeer();
    await opened;
    expect(thrown).toEqual(['mine']);
    await other();
  });
});

describe('finishRequest that throws', () => {
  it('throws from the constructor, as in ws, and leaves no connection', async () => {
    const server = await rawServer('ws');
    const agent = new Agent();
    expect(() => new wsimd.WebSocket(server.url, { finishRequest: mine, agent })).toThrow('mine');
    await expect.poll(() => Object.keys(agent.sockets)).toEqual([]);
  });

  it('behind a redirect is uncaught, as in ws, and the attempt fails', async () => {
    const thrown = uncaught();
    const server = await rawServer('ws');
    let times = 0;
    const client = wsClient(server.url, [], {
      followRedirects: true,
      finishRequest: (request) => {
        times += 1;
        if (times === 2) mine();
        request.end();
      },
    });
    const failed = new Promise<Error>((resolve) => client.once('error', resolve));
    const closed = closeOf(client);
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n'));
    expect((await failed).message).toBe('mine');
    expect(await closed).toBe(1006);
    expect(thrown).toEqual(['mine']);
  });
});

describe('what a redirect asks of node:http, and it refuses', () => {
  it('is an error of the attempt, where ws has an uncaught exception', async () => {
    const thrown = uncaught();
    const server = await rawServer('ws');
    const agent = new Agent();
    const client = wsClient(server.url, [], { followRedirects: true, agent });
    const failed = new Promise<Error>((resolve) => client.once('error', resolve));
    const closed = closeOf(client);
    const peer = await server.peer();
    await peer.readHead();
    // An agent of http for a server of https.
    peer.write(Buffer.from('HTTP/1.1 302 Found\r\nLocation: wss://127.0.0.1:1/\r\n\r\n'));
    expect((await failed) as NodeJS.ErrnoException).toMatchObject({ code: 'ERR_INVALID_PROTOCOL' });
    expect(await closed).toBe(1006);
    expect(thrown).toEqual([]);
  });

  it.each([
    ['an agent that throws later', { createConnection: mine, agent: undefined }],
    [
      'an agent whose socket cannot be made',
      { agent: Object.assign(new Agent(), { createConnection: mine }), createConnection: undefined },
    ],
  ])('%s: as in ws', async (_, options) => {
    const outcome = async (WebSocket: typeof wsimd.WebSocket): Promise<string> => {
      try {
        const client = new WebSocket('ws://127.0.0.1:1/', options as never);
        return await new Promise<string>((resolve) => client.once('error', ({ message }) => resolve(message)));
      } catch (error) {
        return `thrown: ${(error as Error).message}`;
      }
    };
    expect(await outcome(wsimd.WebSocket)).toBe(await outcome(ws.WebSocket as unknown as typeof wsimd.WebSocket));
  });
});

describe('a createConnection that throws what is no error', () => {
  it.each([undefined, null, 0, 'late'])('%s: an error of the attempt, and the end', async (thrown) => {
    const strays = uncaught();
    const createConnection = (): never => {
      throw thrown;
    };
    const client = wsClient('ws://127.0.0.1:1/', [], { createConnection });
    const closed = closeOf(client);
    const [error] = (await once(client, 'error')) as [Error];
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toContain(String(thrown));
    expect(await closed).toBe(1006);
    expect(strays).toEqual([]);
  });
});

describe('options and data whose own code ends the connection', () => {
  const CASES: readonly [string, (client: Client, end: () => void, done: (error?: Error) => void) => void][] = [
    [
      'a getter of the options of send',
      (client, end, done) => {
        const options = {
          get compress() {
            end();
            return false;
          },
        };
        client.send('late', options, done);
      },
    ],
    [
      'a conversion of the data of send',
      (client, end, done) => {
        const data = {
          [Symbol.toPrimitive]: () => {
            end();
            return 'late';
          },
        };
        client.send(data as never, done);
      },
    ],
    [
      'a conversion of the data of ping',
      (client, end, done) => {
        const data = {
          [Symbol.toPrimitive]: () => {
            end();
            return 'late';
          },
        };
        client.ping(data, undefined, done);
      },
    ],
  ];

  it.each(CASES)('%s: nothing follows the close frame', async (_, use) => {
    const { client, peer } = await openClient();
    const failed = new Promise<string | undefined>((resolve) => {
      use(
        client,
        () => client.close(1000),
        (error) => resolve(error?.message),
      );
    });
    expect(await failed).toBe('WebSocket is not open: readyState 2 (CLOSING)');
    expect((await peer.readFrame()).first).toBe(CLOSE);
    peer.write(frame(CLOSE, Buffer.of(3, 232)));
    await expect(peer.readFrame()).rejects.toThrow('ended');
  });

  it.each(CASES)('%s: it is told that it was too late', async (_, use) => {
    const { client } = await openClient();
    const closed = closeOf(client);
    const failed = new Promise<string | undefined>((resolve) => {
      use(
        client,
        () => client.terminate(),
        (error) => resolve(error?.message),
      );
    });
    expect(await failed).toBe('WebSocket is not open: readyState 2 (CLOSING)');
    expect(await closed).toBe(1006);
  });

  it('a conversion of what a WebSocket of the web sends', async () => {
    const { webSocket, peer } = await pair();
    const data = {
      toString: () => {
        webSocket.close(1000);
        return 'late';
      },
    };
    webSocket.send(data as never);
    expect(webSocket.bufferedAmount).toBe(4);
    expect((await peer.readFrame()).first).toBe(CLOSE);
    peer.write(frame(CLOSE, Buffer.of(3, 232)));
    await expect(peer.readFrame()).rejects.toThrow('ended');
  });
});

describe('a reportError that throws', () => {
  it('is uncaught itself, and harms nobody else', async () => {
    const program = new ChildProgram(`
      globalThis.reportError = () => { throw new Error('reporter'); };
      process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
      const { WebSocketServer } = await import('ws');
      const { WebSocket } = await import('wsimd/web');
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      server.on('connection', (socket) => { socket.send('a'); socket.send('b'); setTimeout(() => socket.close(1000), 100); });
      server.on('listening', () => {
        const url = 'ws://127.0.0.1:' + server.address().port;
        const bad = new WebSocket(url);
        const good = new WebSocket(url);
        bad.onmessage = ({ data }) => { console.log('bad', data); throw new Error('mine'); };
        bad.onopen = () => { throw new Error('mine'); };
        let heard = '';
        good.onmessage = ({ data }) => { heard += data; };
        bad.onclose = ({ code }) => console.log('bad closed', code);
        good.onclose = ({ code }) => { console.log('good', heard, code); setTimeout(() => process.exit(), 50); };
      });
    `);
    expect(await program.exit).toBe(0);
    expect(program.output.trim().split('\n').sort()).toEqual([
      'bad a',
      'bad b',
      'bad closed 1000',
      'good ab 1000',
      'uncaught reporter',
      'uncaught reporter',
      'uncaught reporter',
    ]);
  });
});
