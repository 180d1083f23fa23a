// What keeps a process alive, and what does not: a connection does, and a reconnect that somebody wants; a heartbeat does not,
// nor anything that was called off. Each program is a process of its own, which has to end by itself.

import { describe, expect, it } from 'vitest';
import { ChildProgram } from '../support/child-program';
import { closedPort, echoServer } from '../support/servers';

/** A program with a connection of that name, which tells its events. */
const program = (url: string, lines: string): ChildProgram =>
  new ChildProgram(`
    import { AsyncTcpConnection } from 'wsimd';
    const connection = new AsyncTcpConnection('${url}');
    const tell = (...words) => console.log(...words);
    connection.onWebSocketConnect = () => tell('open');
    connection.onError = (_, code, message) => tell('error', code);
    connection.onClose = (_, { willReconnect }) => tell('close', willReconnect);
    connection.onReconnect = (_, attempt) => tell('reconnect', attempt);
    connection.onReconnectFailed = () => tell('failed');
    ${lines}
    process.on('exit', () => tell('exit'));
  `);

const nowhere = async (): Promise<string> => `ws://127.0.0.1:${await closedPort()}`;

async function outputOf(child: ChildProgram): Promise<string[]> {
  expect([await child.exit, child.output]).toEqual([0, expect.stringMatching(/exit\n$/)]);
  return child.output.trimEnd().split('\n').slice(0, -1);
}

describe('a process', () => {
  it('ends at once with a connection that was never begun', async () => {
    const child = program(
      await nowhere(),
      `connection.websocketPingInterval = 1;
       connection.reconnectPolicy = {};
       connection.send('never');`,
    );
    expect(await outputOf(child)).toEqual([]);
  });

  it('has no timer that keeps it alive while a connection with a heartbeat and a policy is open', async () => {
    const server = await echoServer('ws');
    const child = program(
      server.url,
      `connection.websocketPingInterval = 0.01;
       connection.websocketPingTimeout = 1000;
       connection.reconnectPolicy = {};
       connection.onWebSocketPong = () => {
         connection.onWebSocketPong = null;
         // Without those of the standard streams.
         const kept = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Signal/.test(name));
         tell(kept.join());
         connection.close();
       };
       connection.connect();`,
    );
    expect(await outputOf(child)).toEqual(['open', 'TCPSocketWrap', 'close false']);
  });

  it.each(['close', 'end', 'destroy'])(
    'ends when %s() has ended its connection, heartbeat and policy or not',
    async (method) => {
      const server = await echoServer('ws');
      const child = program(
        server.url,
        `connection.websocketPingInterval = 1000;
       connection.reconnectPolicy = { minDelay: 1000, maxDelay: 1000 };
       connection.onWebSocketConnect = () => connection.${method}();
       connection.connect();`,
      );
      expect(await outputOf(child)).toEqual(['close false']);
    },
  );

  it('lives on while the policy waits, and ends when it gives up', async () => {
    const child = program(
      await nowhere(),
      `connection.reconnectPolicy = { minDelay: 0.2, jitter: 0, maxRetries: 2 };
       connection.connect();`,
    );
    expect(await outputOf(child)).toEqual([
      'error 1',
      'close true',
      'reconnect 1',
      'error 1',
      'close true',
      'reconnect 2',
      'error 1',
      'close false',
      'failed',
    ]);
  });

  it('lives on until reConnect() is due', async () => {
    const child = program(
      await nowhere(),
      `connection.reConnect(0.2);
       setTimeout(() => tell('here'), 10).unref();`,
    );
    expect(await outputOf(child)).toEqual(['here', 'error 1', 'close false']);
  });

  it.each(['cancelReconnect', 'close', 'end', 'destroy'])(
    'ends at once when %s() calls the wait off',
    async (method) => {
      const child = program(
        await nowhere(),
        `connection.reconnectPolicy = { minDelay: 1000, maxDelay: 1000, jitter: 0 };
       connection.onReconnect = () => connection.${method}();
       connection.connect();`,
      );
      expect(await outputOf(child)).toEqual(['error 1', 'close true']);
    },
  );

  it('ends when a provider never settles, but not before connectTimeout has told so', async () => {
    const child = program(
      await nowhere(),
      `connection.headers = () => new Promise(() => {});
       connection.connectTimeout = 0.2;
       connection.connect();`,
    );
    expect(await outputOf(child)).toEqual(['error 5', 'close false']);
  });
});
