// How a connection ends, and comes back. See ../cases.ts.

import type { Cases } from '../cases';
import { expectSame, expectTrue, type Stage, sleep } from '../stage';

export const ENDING: Cases = {
  async 'the server closes'(stage: Stage) {
    const { told } = await stage.open('/close?code=3001&reason=bye');
    await told.until('close');
    expectSame(told.lines, ['open', 'close 3001 clean']);
  },

  async 'a connection that is reset'(stage: Stage) {
    const { connection, told } = await stage.open('/reset');
    connection.send('now');
    await told.until('close');
    expectTrue(/^close 1006 WS_ERR_(RESET|ENDED)$/.test(told.lines.at(-1)!), told.lines.join(' | '));
  },

  async 'a server that ends its half: the last words are told'(stage: Stage) {
    const { told } = await stage.open('/half');
    await told.until('close');
    expectSame(told.lines, ['open', 'text last words', 'close 1006 WS_ERR_ENDED']);
  },

  async 'end(): what was sent leaves, then TCP ends'(stage: Stage) {
    const id = stage.id();
    const { connection, told } = await stage.open(`/comeback?id=${id}`);
    await told.until('text connection 1');
    connection.lingerTimeout = 5;
    connection.send('x'.repeat(1_000_000));
    connection.end('bye');
    await told.until('close');
    expectTrue(told.lines.at(-1)!.startsWith('close 1006'), told.lines.join(' | '));
  },

  async 'heartbeat: a peer that lives'(stage: Stage) {
    const { connection, told } = await stage.open('/echo', (one) => {
      one.websocketPingInterval = 0.05;
      one.websocketPingTimeout = 5;
    });
    await sleep(400);
    expectTrue((connection.latency ?? -1) >= 0 && connection.latency! < 5, `latency ${connection.latency}`);
    expectSame(told.lines, ['open']);
  },

  async 'heartbeat: a peer that is dead'(stage: Stage) {
    const { told } = await stage.open('/silent', (one) => {
      one.websocketPingInterval = 0.1;
    });
    await told.until('close');
    expectSame(told.lines, ['open', 'error WS_ERR_DEAD_PEER', 'close 1006 WS_ERR_DEAD_PEER']);
  },

  async 'a server that never answers the close frame'(stage: Stage) {
    const { connection, told } = await stage.open('/silent', (one) => {
      one.closeTimeout = 0.2;
    });
    connection.close(1000);
    await told.until('close');
    expectSame(told.lines, ['open', 'close 1006 WS_ERR_CLOSE_TIMEOUT']);
  },

  async 'reconnect: by the policy'(stage: Stage) {
    const { connection, told } = await stage.open(`/comeback?id=${stage.id()}`, (one) => {
      one.reconnectPolicy = { minDelay: 0.05, maxDelay: 0.1 };
    });
    for (let i = 1; i <= 3; i += 1) {
      await told.until(`text connection ${i}`);
      if (i < 3) connection.send('cut');
    }
    connection.close();
    await told.until('close 1000 clean');
    expectSame(
      told.lines
        .filter((line) => !line.startsWith('error'))
        .map((line) => line.replace(/WS_ERR_(RESET|ENDED)/, 'lost')),
      [
        'open',
        'text connection 1',
        'close 1006 lost back',
        'reconnect 1',
        'open',
        'text connection 2',
        'close 1006 lost back',
        'reconnect 2',
        'open',
        'text connection 3',
        'close 1000 clean',
      ],
    );
  },

  async 'reconnect: by hand, in onClose'(stage: Stage) {
    const { connection, told } = await stage.open(`/comeback?id=${stage.id()}`);
    const { onClose } = connection;
    connection.onClose = (one, event) => {
      onClose!(one, event);
      if (event.code === 1006) one.reConnect(0.05);
    };
    await told.until('text connection 1');
    connection.send('cut');
    await told.until('text connection 2');
    connection.close();
    await told.until('close 1000');
  },
};
