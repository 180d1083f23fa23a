// Ten thousand connections, made and ended in every way by a program of its own (resources/cycles.mjs), with heartbeat and policy
// on: nothing of them is left, no timer, no socket, no record of the decoder, and no memory.

import { expect, it } from 'vitest';
import { RECORDS } from '../../assembly/layout';
import { ChildProgram, reportOf } from '../support/child-program';
import { closedPort, wsServer } from '../support/servers';

/** As many of each of the 13 ways. */
const COUNT = 13 * 770;

interface Report {
  /** How often onClose was called, by the way the connection ended. */
  readonly closings: Record<string, number>;
  /** Bytes in use that were not in use after the first cycles. */
  readonly grown: number;
  readonly live: number;
  readonly kept: string[];
  readonly records: number;
  readonly refusal: string;
}

it('10,010 cycles leave nothing behind', { timeout: 120_000 }, async () => {
  const server = await wsServer('ws', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (String(data) === 'cut') socket.terminate();
      else if (String(data) === 'close') socket.close(1001);
      else socket.send(data, { binary: isBinary });
    });
  });
  const words = `'${server.url}', 'ws://127.0.0.1:${await closedPort()}', ${COUNT}`;
  const program = new ChildProgram(`import { cycles } from './test/whole/resources/cycles.mjs'; cycles(${words});`);
  const report = await reportOf<Report>(program);
  console.info(`10,010 cycles: ${(report.grown / 1024).toFixed(0)} KiB more than before them`);

  const [once, twice] = [COUNT / 13, (2 * COUNT) / 13];
  expect(report.closings).toEqual({
    'destroy() at once': once,
    'destroy() in onConnect': once,
    'destroy() when open': once,
    'destroy() behind a message': once,
    'close() when open': once,
    'close(data)': once,
    'end(data)': once,
    'the server closes': once,
    'the server cuts': once,
    'it comes back once': twice,
    refused: once,
    'refused, and again': twice,
    aborted: once,
  });
  expect([report.live, report.kept]).toEqual([0, []]);
  expect([report.records, report.refusal]).toEqual([RECORDS, expect.stringContaining('at most 65,536 connections')]);
  // The smallest thing that could be left of each, a timer, would be more; the code that is compiled meanwhile is less.
  expect(report.grown).toBeLessThan(100 * COUNT);
});
