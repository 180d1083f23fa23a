// Options that speak of node:http's own objects: agents, connections, and requests that a program finishes itself.

import { Agent, type ClientRequest } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { connect, type NetConnectOpts, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import { RawPeer } from '../../support/raw-peer';
import { selfSigned } from '../../support/self-signed';
import { script } from './script';
import type { Options, Stage } from './stage';

const certificate = selfSigned(['127.0.0.1']);

/** A request with these options, and a connection that is open, greeted, and closed by the server. */
async function visit(stage: Stage, options: Options, tls?: typeof certificate): Promise<void> {
  const server = await stage.raw(tls === undefined ? {} : { tls });
  const client = stage.connect(`${server.url}/x`, [], options);
  const peer = await server.peer();
  peer.write(Buffer.from(RawPeer.answer(await peer.request())));
  await stage.until('open');
  client.send('hello');
  await peer.next();
  await peer.finish();
  await stage.closed();
}

export const requests = [
  script('an agent', async (stage) => {
    const agent = new Agent();
    await visit(stage, { agent });
    stage.told.write(`sockets ${Object.keys(agent.sockets).length}, free ${Object.keys(agent.freeSockets).length}`);
  }),
  script('an agent that keeps connections', async (stage) => {
    const agent = new Agent({ keepAlive: true });
    stage.later(() => agent.destroy());
    await visit(stage, { agent });
    stage.told.write(`sockets ${Object.keys(agent.sockets).length}, free ${Object.keys(agent.freeSockets).length}`);
  }),
  script('an agent for TLS', async (stage) => {
    const agent = new SecureAgent({ ca: certificate.cert });
    await visit(stage, { agent }, certificate);
  }),
  script('an agent of its own class', async (stage) => {
    class Own extends Agent {
      override createConnection(options: NetConnectOpts & { path?: string }): Socket {
        stage.told.write(`createConnection of the agent, ${(options as { host: string }).host}`);
        return connect(options);
      }
    }
    await visit(stage, { agent: new Own() });
  }),
  script('an agent, and createConnection', async (stage) => {
    const createConnection = (options: NetConnectOpts): Socket => {
      stage.told.write('createConnection of the client');
      return connect({ port: (options as { port: number }).port, host: '127.0.0.1' });
    };
    await visit(stage, { agent: new Agent(), createConnection } as never);
  }),
  script('agent: false', (stage) => visit(stage, { agent: false } as never)),
  script('agents that are none', (stage) => {
    for (const agent of [5, 'agent', {}, true, null]) {
      stage.construct(JSON.stringify(agent), 'ws://127.0.0.1:1/', [], { agent });
    }
  }),
  script('an agent for another scheme', (stage) => {
    stage.construct('http', 'wss://127.0.0.1:1/', [], { agent: new Agent() });
    stage.construct('https', 'ws://127.0.0.1:1/', [], { agent: new SecureAgent() });
  }),
  script('a connection of the program', async (stage) => {
    const createConnection = (options: NetConnectOpts & { host: string; port: number; path: unknown }): Socket => {
      stage.told.write(`createConnection ${options.host} ${typeof options.port} ${options.path}`);
      return connect({ host: options.host, port: options.port });
    };
    await visit(stage, { createConnection } as never);
  }),
  script('a connection of the program over TLS', async (stage) => {
    const createConnection = (options: { host: string; port: number }): Socket =>
      connectSecurely({ host: options.host, port: options.port, ca: certificate.cert });
    await visit(stage, { createConnection } as never, certificate);
  }),
  script('a connection of the program that comes later', async (stage) => {
    const createConnection = (
      options: { host: string; port: number },
      done: (error: Error | null, socket?: Socket) => void,
    ): undefined => {
      setImmediate(() => done(null, connect({ host: options.host, port: options.port })));
    };
    await visit(stage, { createConnection } as never);
  }),
  script('a connection of the program that never comes', async (stage) => {
    const createConnection = (_options: unknown, done: (error: Error) => void): undefined => {
      setImmediate(() => done(Object.assign(new Error('not today'), { code: 'ENOTTODAY' })));
    };
    stage.connect('ws://127.0.0.1:1/', [], { createConnection } as never);
    await stage.closed();
  }),
  script('a connection of the program that throws', (stage) => {
    const createConnection = (): never => {
      throw new TypeError('no connection');
    };
    stage.construct('throws', 'ws://127.0.0.1:1/', [], { createConnection });
  }),
  script('a connection that is any stream', async (stage) => {
    const server = await stage.raw();
    const createConnection = (options: { host: string; port: number }): Duplex => {
      const socket = connect({ host: options.host, port: options.port });
      const stream = new Duplex({
        read: () => socket.resume(),
        write: (chunk, _encoding, done) => socket.write(chunk, done),
        final: (done) => socket.end(done),
        destroy: (error, done) => {
          socket.destroy();
          done(error);
        },
      });
      socket.on('data', (chunk) => stream.push(chunk) || socket.pause());
      socket.on('end', () => stream.push(null));
      return stream;
    };
    const client = stage.connect(server.url, [], { createConnection } as never);
    const peer = await server.peer();
    await peer.accept();
    await stage.until('open');
    client.send('hello');
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('a request that is finished by the program', (stage) =>
    visit(stage, {
      finishRequest: (request: ClientRequest, client: import('ws').WebSocket) => {
        stage.note(client, 'finishRequest', request);
        request.setHeader('X-Own', 'yes');
        request.removeHeader('Sec-WebSocket-Extensions');
        request.end();
      },
    }),
  ),
  script('a request that is finished later', (stage) =>
    visit(stage, {
      finishRequest: (request: ClientRequest) => {
        setTimeout(() => {
          request.setHeader('X-Late', 'yes');
          request.end();
        }, 20);
      },
    }),
  ),
  script('a request that is never finished, with a time for the handshake', async (stage) => {
    const { url } = await stage.echo();
    stage.connect(url, [], { finishRequest: () => {}, handshakeTimeout: 80 });
    await stage.closed();
  }),
  script('a request whose finishing throws', (stage) => {
    const finishRequest = (): never => {
      throw new RangeError('unfinished');
    };
    // Its socket tells nothing, for nobody listens behind the exception.
    stage.construct('throws', 'ws://127.0.0.1:1/', [], { finishRequest, createConnection: () => new Socket() });
  }),
  script('a request that is destroyed in place of finished', async (stage) => {
    const { url } = await stage.echo();
    stage.connect(url, [], { finishRequest: (request: ClientRequest) => void request.destroy(new Error('no')) });
    await stage.closed();
  }),
  script('a closed client whose request is finished later', async (stage) => {
    const { url } = await stage.echo();
    let finish = (): void => {};
    const client = stage.connect(url, [], {
      finishRequest: (request: ClientRequest) => {
        finish = () => void request.end();
      },
    });
    client.close();
    finish();
    await stage.closed();
  }),
  script('what a request was made of', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close());
    const client = stage.connect(`${url}/p?q=1`, ['a'], {
      headers: { 'X-One': '1' },
      origin: 'https://o.example',
      finishRequest: (request: ClientRequest) => {
        const headers = { ...request.getHeaders(), 'sec-websocket-key': undefined };
        stage.told.write(JSON.stringify(headers));
        stage.told.write(
          `${request.method} ${request.path} ${request.host} ${request.protocol} ${request.shouldKeepAlive}`,
        );
        request.end();
      },
    });
    await stage.closed();
    stage.note(client, 'protocol', client.protocol);
  }),
];
