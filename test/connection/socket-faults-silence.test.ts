// Two of the faults to survive: half-open silence, where the peer vanishes without a FIN, and a proxy that hangs. Nothing
// comes then but the time, so the clock of these tests is theirs: each deadline is held to the millisecond.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import { bystander } from '../support/bystander';
import { elapse } from '../support/clock';
import { type EventLog, record } from '../support/event-log';
import { CLOSE, closeFrame, frame, PING, PONG, RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { type Link, type RelayOptions, relayTo } from '../support/relay';
import { type RawTestServer, rawServer, SCHEMES, type Scheme } from '../support/servers';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));
vi.mock('../../src/transport/node/unacknowledged', async () => (await import('../support/clock')).withoutKernel());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Life {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly link: Link;
  readonly server: RawTestServer;
}

/** A connection through a relay, begun. */
async function begun(scheme: Scheme, options?: RelayOptions, set?: (_: AsyncTcpConnection) => void): Promise<Life> {
  const server = await rawServer(scheme);
  const relay = await relayTo(server, options);
  const connection = relay.client();
  set?.(connection);
  const log = record(connection);
  connection.connect();
  return { connection, log, link: await relay.link(), server };
}

/** An open one, and the server's end of it. */
async function opened(scheme: Scheme, set?: (_: AsyncTcpConnection) => void): Promise<Life & { peer: RawPeer }> {
  const life = await begun(scheme, {}, set);
  const peer = await life.server.acceptedPeer();
  await life.log.until('open 101');
  return { ...life, peer };
}

/** Nothing is told one millisecond before the deadline, and at it these lines, the last of which may wait for the socket's own end. */
async function expectAt(seconds: number, log: EventLog, ...lines: string[]): Promise<void> {
  const before = [...log.events];
  await elapse(seconds * 1000 - 1);
  expect(log.events).toEqual(before);
  await elapse(1);
  const last = lines.at(-1);
  if (last !== undefined) await log.until(last);
  expect(log.events).toEqual([...before, ...lines]);
}

/** Proves afterwards that the connection beside was not harmed, and that nothing came late. */
async function expectOver(log: EventLog, expectUnharmed: () => Promise<void>): Promise<void> {
  const { length } = log.events;
  await elapse(60_000);
  await expectUnharmed();
  expect(log.events).toHaveLength(length);
  expect(log.closings).toHaveLength(1);
}

describe.each(SCHEMES)('over %s, half-open silence: the peer vanishes without FIN', (scheme) => {
  const beating = (connection: AsyncTcpConnection): void => {
    connection.websocketPingInterval = 20;
    connection.websocketPingTimeout = 7;
  };

  it('while open, and the heartbeat notices after interval + timeout', async () => {
    const expectUnharmed = await bystander(scheme);
    const { log, link, peer } = await opened(scheme, beating);
    peer.write(frame(TEXT, 'before'));
    await log.until('message before');
    link.hang();
    peer.write(frame(TEXT, 'never seen'), closeFrame(1000));
    await expectAt(27, log, 'error DEAD_PEER', 'close 1006');
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_DEAD_PEER' } });
    await expectOver(log, expectUnharmed);
  });

  it('after a pong, and the heartbeat notices at the next ping + timeout', async () => {
    const { log, link, peer } = await opened(scheme, beating);
    await elapse(20_000);
    const { payload } = await peer.readFrameOf(PING);
    peer.write(frame(PONG, payload));
    await log.until(`pong ${payload}`);
    link.hang();
    await expectAt(27, log, 'error DEAD_PEER', 'close 1006');
  });

  it.each([
    ['inside a frame header', [Buffer.of(TEXT, 126, 1)]],
    ['inside a payload', [Buffer.of(TEXT, 10), Buffer.from('only ha')]],
    ['between fragments', [frame(0x01, 'a fragment')]],
  ])('%s, and the heartbeat notices, with nothing told of what was begun', async (_, bytes) => {
    const { log, link, peer } = await opened(scheme, beating);
    peer.write(frame(TEXT, 'before'), ...bytes);
    await log.until('message before');
    link.hang();
    await expectAt(27, log, 'error DEAD_PEER', 'close 1006');
  });

  it('behind a large send that is stalled, and the heartbeat notices all the same', async () => {
    const expectUnharmed = await bystander(scheme);
    const { connection, log, link } = await opened(scheme, beating);
    link.hang();
    expect(connection.send(new Uint8Array(32 * 1024 * 1024))).toBeNull();
    await expectAt(27, log, 'error DEAD_PEER', 'close 1006', 'drain');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'error DEAD_PEER', 'close 1006', 'drain']);
    await expectOver(log, expectUnharmed);
  });

  it('before the response, and connectTimeout ends it', async () => {
    const expectUnharmed = await bystander(scheme);
    const { log, link, server } = await begun(scheme);
    await (await server.peer()).readHead();
    link.hang();
    await expectAt(10, log, 'error TIMEOUT', 'close 1006');
    expect(log.events).toEqual(['connect', 'error TIMEOUT', 'close 1006']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_CONNECT_TIMEOUT');
    await expectOver(log, expectUnharmed);
  });

  it('in the closing handshake that we began, and closeTimeout ends it', async () => {
    const expectUnharmed = await bystander(scheme);
    const { connection, log, link, peer } = await opened(scheme, beating);
    connection.close(4000, 'bye');
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(4000);
    link.hang();
    peer.write(closeFrame(4000, 'bye'));
    await expectAt(5, log, 'close 1006');
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
    await expectOver(log, expectUnharmed);
  });

  it('before our close frame reaches it, and closeTimeout ends it', async () => {
    const { connection, log, link } = await opened(scheme);
    link.hang();
    connection.close();
    await expectAt(5, log, 'close 1006');
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
  });

  it('after its close frame, and lingerTimeout ends it: once for its FIN, once more for ours', async () => {
    const expectUnharmed = await bystander(scheme);
    const { connection, log, link, peer } = await opened(scheme, beating);
    peer.write(closeFrame(4001, 'bye'));
    await log.until('close frame 4001 bye');
    link.hang();
    await expectAt(1, log);
    expect(connection.getStatus(false)).toBe('ENDING');
    await expectAt(1, log, 'close 4001');
    expect(log.closings).toEqual([{ code: 4001, reason: 'bye', wasClean: true, error: undefined }]);
    await expectOver(log, expectUnharmed);
  });

  it('after a breach of the protocol, and lingerTimeout ends it', async () => {
    const { log, link, peer } = await opened(scheme, beating);
    peer.write(frame(0x83, 'a reserved opcode'));
    await log.until('error PROTOCOL_ERROR');
    link.hang();
    await expectAt(1, log, 'close 1006');
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_INVALID_OPCODE');
  });
});

describe.each(SCHEMES)('over %s, a proxy that hangs', (scheme) => {
  it('after it has accepted, and forwards nothing: connectTimeout ends it', async () => {
    const expectUnharmed = await bystander(scheme);
    const { log, link } = await begun(scheme, { toServer: 0 });
    await link.toServer.hasCome();
    await expectAt(10, log, 'error TIMEOUT', 'close 1006');
    // TCP alone is up at once; with TLS nothing is.
    const connected = scheme === 'ws' ? ['connect'] : [];
    expect(log.events).toEqual([...connected, 'error TIMEOUT', 'close 1006']);
    expect(log.errors[0]!.message).toContain('connectTimeout');
    await expectOver(log, expectUnharmed);
  });

  it('in the middle of the response head: connectTimeout ends it', async () => {
    const expectUnharmed = await bystander(scheme);
    const { log, link, server } = await begun(scheme);
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead(), `X-Long: ${'x'.repeat(12_000)}`);
    const end = link.toClient.count + 6_000;
    peer.write(Buffer.from(answer.slice(0, 6_000)));
    await link.toClient.hasPassed(end);
    link.hang();
    peer.write(Buffer.from(answer.slice(6_000)));
    await expectAt(10, log, 'error TIMEOUT', 'close 1006');
    expect(log.events).toEqual(['connect', 'error TIMEOUT', 'close 1006']);
    await expectOver(log, expectUnharmed);
  });

  it('right after the 101: the heartbeat ends it', async () => {
    const expectUnharmed = await bystander(scheme);
    const { connection, log, link } = await opened(scheme, (connection) => {
      connection.websocketPingInterval = 55;
    });
    link.hang();
    expect(connection.send('into the void')).toBe(true);
    // Without websocketPingTimeout, the interval counts twice.
    await expectAt(110, log, 'error DEAD_PEER', 'close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'error DEAD_PEER', 'close 1006']);
    await expectOver(log, expectUnharmed);
  });
});

describe('over wss, a proxy that hangs', () => {
  it('in the middle of the TLS handshake: connectTimeout ends it', async () => {
    const expectUnharmed = await bystander('wss');
    const { log, link } = await begun('wss', { toClient: 500 });
    await link.toClient.hasPassed(500);
    await expectAt(10, log, 'error TIMEOUT', 'close 1006');
    expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
    expect(log.errors[0]!.message).toContain('TLS');
    await expectOver(log, expectUnharmed);
  });
});
