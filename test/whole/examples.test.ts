// The programs in examples/, as a reader would start them: each in a process of its own, against servers of this file, with what
// it prints and how it ends.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createCA, createCert } from 'mkcert';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { ChildProgram } from '../support/child-program';
import { closedPort, echoServer, testAuthority, wsServer } from '../support/servers';

const run = new Set<string>();

function example(name: string, words: readonly string[], environment?: NodeJS.ProcessEnv): ChildProgram {
  run.add(name);
  return new ChildProgram([`test/whole/examples/${name}`, ...words], environment);
}

/** All that it prints, when it has ended as it should. */
async function linesOf(program: ChildProgram): Promise<string[]> {
  const status = await program.exit;
  expect([status, program.output]).toEqual([0, expect.any(String)]);
  return program.output.trimEnd().split('\n');
}

/** A directory with these files, and their paths. */
function files(contents: Record<string, string>): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'wsimd-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return Object.entries(contents).map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  });
}

afterAll(() => {
  expect([...run].sort()).toEqual(readdirSync(new URL('examples', import.meta.url)).sort());
});

describe('ws.mjs', () => {
  it('greets with its headers, prints the answer, and comes back a second after it was cut off', async () => {
    const cookies: unknown[] = [];
    const cutAt: number[] = [];
    const openedAt: number[] = [];
    const server = await wsServer('ws', (socket) => {
      openedAt.push(performance.now());
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary }, () => {
          if (cutAt.push(performance.now()) === 1) socket.terminate();
        });
      });
    });
    server.server.on('headers', (_, { headers }) => cookies.push(headers.cookie, headers.otherkey));
    const program = example('ws.mjs', [server.url]);
    await program.until((output) => output.split('recv: hello\n').length === 3);
    const life = ['tcp connected', 'HTTP/1.1 101 Switching Protocols', 'recv: hello'];
    const lines = program.output.split('\n').filter((line) => /^(tcp|HTTP|recv|connection closed|error)/.test(line));
    expect(lines.map((line) => line.trimEnd())).toEqual([...life, 'connection closed and try to reconnect', ...life]);
    expect(cookies.slice(0, 2)).toEqual(['PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i', 'values']);
    expect(openedAt[1]! - cutAt[0]!).toBeGreaterThan(950);
  });
});

describe('wss.mjs', () => {
  it('trusts whom Node.js trusts', async () => {
    const server = await echoServer('wss');
    const [authority] = files({ 'authority.pem': (await testAuthority()).cert });
    const program = example('wss.mjs', [server.url], { NODE_EXTRA_CA_CERTS: authority });
    expect(await linesOf(program)).toEqual(['recv: hello', 'closed: 1000']);
  });

  it('and nobody else', async () => {
    const lines = await linesOf(example('wss.mjs', [(await echoServer('wss')).url]));
    expect(lines).toEqual([
      expect.stringMatching(/^error: The TLS connection could not be made: .*certificate/),
      'closed: 1006',
    ]);
  });
});

describe('wss-local-certificate.mjs', () => {
  /** A server that wants to see a certificate of our authority. */
  async function strictServer(): Promise<{ url: string; names: unknown[] }> {
    const authority = await testAuthority();
    const names: unknown[] = [];
    const certificate = await createCert({ ca: authority, domains: ['127.0.0.1'], validity: 1 });
    const http = createServer({ ...certificate, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket, request) => {
      names.push((request.socket as TLSSocket).getPeerCertificate().subjectaltname);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      http.close();
    });
    return { url: `wss://127.0.0.1:${(http.address() as AddressInfo).port}`, names };
  }

  it('shows its certificate to a server that asks for it', async () => {
    const { url, names } = await strictServer();
    const authority = await testAuthority();
    const { cert, key } = await createCert({ ca: authority, domains: ['client.test'], validity: 1 });
    const paths = files({ 'authority.pem': authority.cert, 'certificate.pem': cert, 'key.pem': key });
    expect(await linesOf(example('wss-local-certificate.mjs', [url, ...paths]))).toEqual([
      'recv: hello',
      'closed: 1000',
    ]);
    expect(names).toEqual(['DNS:client.test']);
  });

  it('is not let in with a certificate of somebody else', async () => {
    const { url, names } = await strictServer();
    const stranger = await createCA({ organization: 'x', countryCode: 'NL', state: 'x', locality: 'x', validity: 1 });
    const { cert, key } = await createCert({ ca: stranger, domains: ['client.test'], validity: 1 });
    const paths = files({ 'authority.pem': (await testAuthority()).cert, 'certificate.pem': cert, 'key.pem': key });
    const lines = await linesOf(example('wss-local-certificate.mjs', [url, ...paths]));
    expect(lines).toEqual([expect.stringMatching(/^error: /), 'closed: 1006']);
    expect(names).toEqual([]);
  });
});

describe('bound-address.mjs', () => {
  it('connects from the address and port that it is told', async () => {
    const ports: unknown[] = [];
    const server = await echoServer('ws');
    server.server.on('connection', (_, request) => ports.push(request.socket.remotePort));
    const port = await closedPort();
    const lines = await linesOf(example('bound-address.mjs', [server.url, '127.0.0.1', `${port}`]));
    expect(lines).toEqual([`connected from 127.0.0.1:${port} to 127.0.0.1:${server.port}`, 'closed: 1000']);
    expect(ports).toEqual([port]);
  });

  it('says so if that address is not of this machine', async () => {
    const server = await echoServer('ws');
    const lines = await linesOf(example('bound-address.mjs', [server.url, '192.0.2.1', '0']));
    expect(lines).toEqual([expect.stringContaining('EADDRNOTAVAIL'), 'closed: 1006']);
  });
});

describe('reconnect.mjs', () => {
  /** Cuts two connections off, and says goodbye to the third. */
  async function impatientServer(): Promise<string> {
    let count = 0;
    const server = await wsServer('ws', (socket) => {
      count += 1;
      const isLast = count === 3;
      socket.on('message', () => (isLast ? socket.send('goodbye') : socket.terminate()));
    });
    return server.url;
  }

  it('comes back until it is done', async () => {
    const program = example('reconnect.mjs', [await impatientServer()]);
    expect(await linesOf(program)).toEqual(['cut off', 'cut off', 'recv: goodbye', 'closed']);
  });

  it('comes back by its policy until it is done', async () => {
    const program = example('reconnect.mjs', [await impatientServer(), 'policy']);
    expect(await linesOf(program)).toEqual([
      'cut off',
      'attempt 1 follows',
      'cut off',
      'attempt 2 follows',
      'recv: goodbye',
      'closed',
    ]);
  });

  it('stays away by its policy from a server that has no WebSocket', async () => {
    const server = await wsServer('ws', () => {}, { path: '/elsewhere' });
    const program = example('reconnect.mjs', [server.url, 'policy']);
    expect(await linesOf(program)).toEqual([expect.stringMatching(/^error: .*400/), 'closed', 'no use']);
  });
});

describe('feed.mjs', () => {
  it('subscribes at each connection in front of what waits, and loses nothing in silence', async () => {
    const received: string[][] = [];
    const server = await wsServer('ws', (socket) => {
      const messages: string[] = [];
      const isFirst = received.push(messages) === 1;
      socket.on('message', (data) => {
        if (messages.push(`${data}`) < 2) return;
        if (isFirst) socket.terminate();
        else socket.send('closing time');
      });
    });
    const lines = await linesOf(example('feed.mjs', [server.url]));
    expect(received).toEqual([
      ['{"subscribe":["prices"]}', '{"order":"before it was open"}'],
      ['{"subscribe":["prices"]}', '{"order":"while it was gone"}'],
    ]);
    expect(lines).toEqual(['may have arrived, or not: the last 2 of what was sent', 'recv: closing time']);
  });
});

describe('upload.mjs', () => {
  it('sends a file as one message, and writes the answer to another', async () => {
    const content = randomBytes(3_000_000);
    const [from, to] = files({ from: content.toString('base64'), to: '' }) as [string, string];
    const server = await wsServer('ws', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    expect(await linesOf(example('upload.mjs', [server.url, from, to]))).toEqual(['sent', 'received']);
    expect(readFileSync(to, 'utf8')).toBe(content.toString('base64'));
  });

  it('says it where the answer cannot be written', async () => {
    const [from] = files({ from: 'small' }) as [string];
    const server = await echoServer('ws');
    const lines = await linesOf(example('upload.mjs', [server.url, from, `${from}/no/directory`]));
    expect(lines).toEqual(['sent', expect.stringMatching(/^error: .*ENOTDIR/), 'lost: the file is not complete']);
  });

  it('and where the server goes in the midst of its answer', async () => {
    const [from, to] = files({ from: 'small', to: '' }) as [string, string];
    const server = await wsServer('ws', (socket) => {
      socket.on('message', () => socket.send('half of', { fin: false }, () => socket.terminate()));
    });
    const lines = await linesOf(example('upload.mjs', [server.url, from, to]));
    expect(lines[0]).toBe('sent');
    expect(lines.at(-1)).toBe('lost: the file is not complete');
  });
});

describe('loop.mjs', () => {
  it('goes on over a reconnect, and ends with its loop', async () => {
    let count = 0;
    const server = await wsServer('ws', (socket) => {
      count += 1;
      socket.send(`message of ${count}`);
      if (count === 1) socket.close(1012);
      else socket.send('enough');
    });
    const lines = await linesOf(example('loop.mjs', [server.url]));
    expect(lines).toEqual(['recv: message of 1', 'recv: message of 2', 'recv: enough', 'closed']);
  });
});

describe('requests.mjs', () => {
  it('gets answers in any order, an error behind its time, and one where the connection is lost', async () => {
    const server = await wsServer('ws', (socket) => {
      const late: string[] = [];
      socket.on('message', (data) => {
        const { id, question } = JSON.parse(`${data}`) as { id: number; question: string };
        if (question === 'goodbye') socket.terminate();
        if (question === 'nothing' || question === 'goodbye') return;
        late.unshift(JSON.stringify({ id, result: `the answer to ${question}` }));
        if (late.length === 2) for (const text of late) socket.send(text);
      });
    });
    expect((await linesOf(example('requests.mjs', [server.url]))).join('\n')).toBe(
      [
        "[ 'the answer to one', 'the answer to two' ]",
        'No answer to nothing in 0.1 seconds.',
        'The connection is gone: 1006.',
      ].join('\n'),
    );
  });
});

describe('requests.mjs, over connections that come and go', () => {
  it('asks each question once for each time that it is asked', async () => {
    const program = readFileSync(new URL('examples/requests.mjs', import.meta.url), 'utf8');
    const port = await closedPort();
    const again = `
      const { connect, AsyncTcpConnection } = await import('wsimd');
      ${program.slice(program.indexOf('class Requests'), program.indexOf('\nconst connection ='))}
      const connection = new AsyncTcpConnection('ws://127.0.0.1:${port}');
      connection.reconnectPolicy = { minDelay: 0.05, factor: 1, jitter: 0 };
      const requests = new Requests(connection);
      connection.connect();
      for (;;) {
        const answer = await requests.ask('pay', 1).catch(() => undefined);
        if (answer !== undefined) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log('again');
      }
      connection.close();`;
    const one = new ChildProgram(again);
    await one.until((output) => output.split('again').length > 5);
    const questions: unknown[] = [];
    const server = new WebSocketServer({ host: '127.0.0.1', port });
    onTestFinished(() => server.close());
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const { id, question } = JSON.parse(`${data}`) as { id: number; question: string };
        questions.push(question);
        socket.send(JSON.stringify({ id, result: 'paid' }));
      });
    });
    expect(await one.exit).toBe(0);
    expect(questions).toEqual(['pay']);
  });
});

describe('tracing.mjs', () => {
  const spans = async (url: string): Promise<unknown[]> =>
    (await linesOf(example('tracing.mjs', [url]))).map((line) => JSON.parse(line) as unknown);

  it('makes a span of a connection, with the SDK of OpenTelemetry', async () => {
    const server = await echoServer('ws');
    expect(await spans(server.url)).toEqual([
      {
        name: 'websocket',
        attributes: {
          'server.address': '127.0.0.1',
          'network.peer.address': new URL(server.url).host,
          'http.response.status_code': 101,
          'websocket.close_code': 1000,
          'websocket.clean': true,
        },
        events: ['pong'],
        status: { code: 0 },
      },
    ]);
  });

  it('and of an attempt that fails', async () => {
    expect(await spans(`ws://127.0.0.1:${await closedPort()}`)).toEqual([
      {
        name: 'websocket',
        attributes: {
          'server.address': '127.0.0.1',
          'websocket.phase': 'TCP',
          'websocket.close_code': 1006,
          'websocket.clean': false,
        },
        events: ['exception'],
        status: { code: 2, message: 'WS_ERR_CONNECT' },
      },
    ]);
  });
});

describe('pipe.mjs', () => {
  it('connects two servers with each other, and ends when one of them closes', async () => {
    const [one, other] = [await wsServer('ws'), await wsServer('ws')];
    const sockets = Promise.all([one.nextSocket(), other.nextSocket()]);
    const program = example('pipe.mjs', [`${one.url}/one`, `${other.url}/other`]);
    const [left, right] = await sockets;
    const received: unknown[] = [];
    const hear = (side: string) => (data: unknown, isBinary: boolean) => received.push([side, `${data}`, isBinary]);
    left.on('message', hear('left'));
    right.on('message', hear('right'));
    left.send('to the right');
    await once(right, 'message');
    right.send(Buffer.from('to the left'));
    await once(left, 'message');
    left.close(4000);
    const lines = await linesOf(program);
    expect(lines.slice(0, 2).sort()).toEqual(['connected to /one', 'connected to /other']);
    expect(lines.slice(2)).toEqual(['closed /one: 4000', 'closed /other: 1000']);
    expect(received).toEqual([
      ['right', 'to the right', false],
      ['left', 'to the left', true],
    ]);
  });
});

describe('transport-in-memory.mjs', () => {
  it('talks to a server that is in its own memory', async () => {
    expect(await linesOf(example('transport-in-memory.mjs', []))).toEqual([
      'memory.invalid heard: hello',
      'closed: 1000, clean',
    ]);
  });
});

describe('transport-streams.mjs', () => {
  it('talks to a server over a pair of streams', async () => {
    const { url } = await echoServer('ws');
    expect(await linesOf(example('transport-streams.mjs', [url]))).toEqual([
      'hello over streams',
      'closed: 1000, clean',
    ]);
  });

  it('says it when there is no server', async () => {
    const lines = await linesOf(example('transport-streams.mjs', [`ws://127.0.0.1:${await closedPort()}`]));
    expect(lines).toEqual([expect.stringContaining('ECONNREFUSED'), 'closed: 1006, not clean']);
  });
});

describe("the callback face's page", () => {
  const page = readFileSync(new URL('../../src/callback/README.md', import.meta.url), 'utf8');
  const recipes = page.slice(page.indexOf('\n## Recipes'), page.indexOf('\n## Watching it'));
  const blocks = [...recipes.matchAll(/examples\/(\w+\.mjs)\)[^`]*(?:`[^`\n]+`[^`]*)*?```javascript\n(.*?)```/gs)];

  it.each(blocks.map(([, name, code]) => [name!, code!] as const))(
    'has a recipe that is a part of %s',
    (name, code) => {
      const program = readFileSync(new URL(`examples/${name}`, import.meta.url), 'utf8');
      for (const line of code.split('\n')) expect(program).toContain(line);
    },
  );

  it('has five of them', () => {
    expect(blocks.map(([, name]) => name)).toEqual(
      ['feed', 'upload', 'loop', 'requests', 'tracing'].map((name) => `${name}.mjs`),
    );
  });
});
