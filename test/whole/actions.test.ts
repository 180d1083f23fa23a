// Two actions within a callback, in every combination, with and without a policy; and thousands of reconnects for each way of
// ending. Every attempt has its one onClose, nothing is told between two of them, and nothing of them is left behind.

import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { VerifyClientCallbackAsync, WebSocket } from 'ws';
import { ChildProgram, reportOf } from '../support/child-program';
import { frame } from '../support/raw-peer';
import { closedPort, type WsTestServer, wsServer } from '../support/servers';

interface Left {
  /** Bytes in use that were not in use after the first ones. */
  readonly grown: number;
  readonly live: number;
  readonly kept: string[];
  /** On the AbortSignal that all of them have: the most there were, and those behind the end. */
  readonly listeners: readonly [most: number, last: number];
}

const socketOf = (webSocket: WebSocket): Socket => (webSocket as unknown as { _socket: Socket })._socket;

/** How it ends a connection, by the path of the URL. */
const ENDS: Readonly<Record<string, (webSocket: WebSocket) => unknown>> = {
  stay: () => {},
  close: (webSocket) => webSocket.close(1001),
  cut: (webSocket) => webSocket.terminate(),
  reset: (webSocket) => socketOf(webSocket).resetAndDestroy(),
  fin: (webSocket) => socketOf(webSocket).end(),
  break: (webSocket) => socketOf(webSocket).write(frame(3)),
};

/** A server that ends connections, at once or when they send something, and answers no pings. */
function endingServer(isGreeting: boolean): Promise<WsTestServer> {
  const verifyClient: VerifyClientCallbackAsync = ({ req }, answer) => answer(req.url !== '/refuse', 503);
  return wsServer('ws', () => {}, { autoPong: false, verifyClient }).then((server) => {
    server.server.on('connection', (webSocket, { url = '' }) => {
      const end = ENDS[url.slice(1)]!;
      if (isGreeting) {
        webSocket.ping();
        webSocket.pong();
        webSocket.send('hello');
        webSocket.on('message', () => end(webSocket));
      } else end(webSocket);
    });
    return server;
  });
}

function expectNothingLeft({ live, kept, listeners, grown }: Left, cycles: number): void {
  expect([live, kept]).toEqual([0, []]);
  expect(listeners).toEqual([1, 0]);
  // The smallest thing that could be left of each, a timer, would be more; the code that is compiled meanwhile is less.
  expect(grown).toBeLessThan(100 * cycles);
}

describe('the life of connections', () => {
  it('280 combinations of actions within callbacks, in both orders', { timeout: 120_000 }, async () => {
    const server = await endingServer(true);
    const program = new ChildProgram(
      `import { actions } from './test/whole/resources/actions.mjs'; actions('${server.url}');`,
    );
    const report = await reportOf<Left & { played: number; complaints: string[]; unseen: number }>(program);
    expect(report.complaints).toEqual([]);
    expect(report.played).toBe(280 * 2 * 2);
    // onError throws, and nobody else is there to be told.
    expect(report.unseen).toBeGreaterThan(0);
    // A combination has several attempts. (A listener that were left on the signal would be ten times as much.)
    expectNothingLeft(report, 10 * report.played);
  });

  it('2,000 reconnects for each way of ending, with one AbortSignal', { timeout: 180_000 }, async () => {
    const COUNT = 2_000;
    const servers = await Promise.all(Array.from({ length: 4 }, () => endingServer(false)));
    const words = `${JSON.stringify(servers.map(({ url }) => url))}, 'ws://127.0.0.1:${await closedPort()}', ${COUNT}`;
    const program = new ChildProgram(
      `import { reconnects } from './test/whole/resources/reconnects.mjs'; reconnects(${words});`,
    );
    const report = await reportOf<Left & { counts: Record<string, unknown> }>(program);
    const ways = Object.keys(report.counts);
    expect(ways.length).toBe(15);
    expect(report.counts).toEqual(Object.fromEntries(ways.map((way) => [way, { attempts: COUNT, closings: COUNT }])));
    expectNothingLeft(report, ways.length * COUNT);
  });
});
