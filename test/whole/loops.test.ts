// Loops over messages that are left in every way: nothing of them is left behind.

import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { ChildProgram, reportOf } from '../support/child-program';
import { closedPort, wsServer } from '../support/servers';

interface Report {
  readonly cycles: number;
  readonly complaints: readonly string[];
  readonly unhandled: number;
  readonly grown: number;
  readonly live: number;
  readonly kept: readonly string[];
  readonly listeners: number;
}

it('break, return, an exception, return() and disposal leave no timer, socket, hold or listener', async () => {
  const send = (socket: WebSocket): void => {
    for (const word of ['a', 'b', 'c', 'd', 'e']) socket.send(word);
  };
  const server = await wsServer('ws', send, { autoPong: false });
  const nowhere = `ws://127.0.0.1:${await closedPort()}`;
  const program = new ChildProgram(
    `import { loops } from './test/whole/resources/loops.mjs'; loops('${server.url}', '${nowhere}', 500);`,
  );
  const { cycles, grown, ...report } = await reportOf<Report>(program);
  expect(report).toEqual({ complaints: [], unhandled: 0, live: 0, kept: [], listeners: 0 });
  expect(cycles).toBe(4_500);
  // A timer, the smallest thing that could be left of each, would be more.
  expect(grown).toBeLessThan(100 * cycles);
}, 120_000);
