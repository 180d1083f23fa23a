// Faults to survive at the end of a connection, which has two ends of its own, the close frame and the FIN (RFC 6455 §7.1): one
// may come without the other, and data behind either.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import { bystander } from '../support/bystander';
import { elapse } from '../support/clock';
import { type EventLog, record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, PING, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { type Link, relayTo } from '../support/relay';
import { rawServer, SCHEMES, type Scheme } from '../support/servers';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));
vi.mock('../../src/transport/node/unacknowledged', async () => (await import('../support/clock')).withoutKernel());

interface Life {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly peer: RawPeer;
  readonly link: Link;
  readonly expectUnharmed: () => Promise<void>;
}

/** A connection through a relay, up to the request, with a healthy one beside it. */
async function begun(scheme: Scheme, settings: { lingerTimeout?: number } = {}): Promise<Life> {
  const expectUnharmed = await bystander(scheme);
  const server = await rawServer(scheme);
  const relay = await relayTo(server);
  const connection = Object.assign(relay.client(), settings);
  const log = record(connection);
  connection.connect();
  return { connection, log, peer: await server.peer(), link: await relay.link(), expectUnharmed };
}

describe.each(SCHEMES)('over %s, FIN without close:', (scheme) => {
  it('while a large send of ours is stalled: it has lingerTimeout to leave', async () => {
    const { connection, log, peer, expectUnharmed } = await begun(scheme, { lingerTimeout: 0.2 });
    await peer.accept();
    await log.until('open 101');
    expect(connection.send(new Uint8Array(32 * 1024 * 1024))).toBeNull();
    peer.socket.end();
    await log.until(({ closings }) => closings.length > 0);
    await log.until('drain');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'close 1006', 'drain']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_ENDED');
  });

  it('in front of what we had sent: that still arrives, if the peer reads on', async () => {
    const { connection, log, peer } = await begun(scheme, { lingerTimeout: 20 });
    await peer.accept();
    await log.until('open 101');
    const size = 8 * 1024 * 1024;
    expect(connection.send(new Uint8Array(size))).toBeNull();
    peer.socket.end();
    expect((await peer.readFrame()).payload.length).toBe(size);
    await log.until('drain');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'close 1006', 'drain']);
  });

  const PHASES = [
    ['right after the 101', []],
    ['inside a frame header', [Buffer.of(TEXT, 126, 1)]],
    ['inside a payload', [Buffer.of(TEXT, 10), Buffer.from('only ha')]],
    ['inside a character', [Buffer.of(TEXT, 10, 0xeb)]],
    ['inside a ping', [Buffer.of(PING, 10, 0x61)]],
    ['inside a close frame', [Buffer.of(CLOSE, 10, 0x03)]],
    ['between fragments', [frame(0x01, 'a fragment'), frame(0x00, 'another')]],
  ] as const;

  // A server that ends TLS sends an alert in front of its FIN (RFC 8446 §6.1); one that is cut off does not.
  const ENDS = [
    ['by the server', ({ peer }: Life) => peer.socket.end()],
    ['by the network', ({ link }: Life) => link.finish()],
  ] as const;

  const CASES = ENDS.flatMap(([by, end]) => PHASES.map(([when, bytes]) => [by, when, end, bytes] as const));

  it.each(CASES)('%s, %s', async (_by, _when, end, bytes) => {
    const life = await begun(scheme);
    const { connection, log, peer, expectUnharmed } = life;
    await peer.accept(frame(TEXT, 'before'), ...bytes);
    await log.until('message before');
    end(life);
    await log.until(({ closings }) => closings.length > 0);
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ code: 1006, reason: '', wasClean: false, error: { code: 'WS_ERR_ENDED' } });
    expect(log.closings[0]!.error!.message).toBe('The connection ended without a close frame (RFC 6455 §7.1.5).');
    expect(connection.getStatus(false)).toBe('CLOSED');
  });

  it.each(ENDS)("%s, after the client's close frame", async (_by, end) => {
    const life = await begun(scheme);
    const { connection, log, peer, expectUnharmed } = life;
    await peer.accept();
    await log.until('open 101');
    connection.close(4000, 'bye');
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(4000);
    end(life);
    await log.until(({ closings }) => closings.length > 0);
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_ENDED' } });
  });

  it.each(ENDS)('%s, before the response', async (_by, end) => {
    const life = await begun(scheme);
    const { log, peer, expectUnharmed } = life;
    await peer.readHead();
    end(life);
    await log.until(({ closings }) => closings.length > 0);
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_HANDSHAKE_ENDED');
  });
});

describe.each(SCHEMES)('over %s, close without FIN:', (scheme) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("after the server's close frame the client sends its FIN at lingerTimeout, and is gone after another", async () => {
    const { connection, log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(closeFrame(4001, 'bye'));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(4001);
    await elapse(999);
    expect(connection.getStatus(false)).toBe('CLOSING');
    await elapse(1);
    expect(connection.getStatus(false)).toBe('ENDING');
    await expect(peer.read(1)).rejects.toThrow('ended');
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 4001 bye']);
    await elapse(1000);
    expect(log.events.slice(3)).toEqual(['close 4001']);
    expect(log.closings).toEqual([{ code: 4001, reason: 'bye', wasClean: true, error: undefined }]);
    await expectUnharmed();
    expect(log.closings).toHaveLength(1);
  });

  it("after the server's answer to ours it is the same", async () => {
    const { connection, log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept();
    await log.until('open 101');
    connection.close(4000, 'bye');
    await peer.readFrameOf(CLOSE);
    peer.write(closeFrame(4000, 'bye'));
    await log.until('close frame 4000 bye');
    await elapse(1000);
    await expect(peer.read(1)).rejects.toThrow('ended');
    await elapse(1000);
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 4000 bye', 'close 4000']);
    expect(log.closings[0]!.wasClean).toBe(true);
    await expectUnharmed();
    expect(log.closings).toHaveLength(1);
  });

  it("after the client's close frame alone it is closeTimeout", async () => {
    const { connection, log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept();
    await log.until('open 101');
    connection.close();
    await peer.readFrameOf(CLOSE);
    await elapse(4999);
    expect(log.events).toEqual(['connect', 'open 101']);
    await elapse(1);
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_CLOSE_TIMEOUT');
    await expect(peer.read(1)).rejects.toThrow('ended');
    await expectUnharmed();
    expect(log.closings).toHaveLength(1);
  });

  it('after a breach of the protocol the client sends close frame and FIN at once, and is gone after lingerTimeout', async () => {
    const { log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(frame(0x83, 'a reserved opcode'));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1002);
    await expect(peer.read(1)).rejects.toThrow('ended');
    await elapse(999);
    expect(log.events).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR']);
    await elapse(1);
    expect(log.events.slice(3)).toEqual(['close 1006']);
    await expectUnharmed();
    expect(log.closings).toHaveLength(1);
  });
});

describe.each(SCHEMES)('over %s, data after close is ignored:', (scheme) => {
  const AFTER = [
    frame(TEXT, 'after close'),
    frame(BINARY, Buffer.alloc(1000)),
    frame(PING, 'not answered'),
    closeFrame(4999, 'a second one'),
    Buffer.alloc(100, 0xff),
  ];

  it("behind the server's close frame, in the same segment", async () => {
    const { log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(frame(TEXT, 'before'), closeFrame(4001, 'bye'), ...AFTER);
    await expectClosed(log, peer, expectUnharmed);
  });

  it("behind the server's close frame, in segments of their own, before and after our answer", async () => {
    const { log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(frame(TEXT, 'before'), closeFrame(4001, 'bye'));
    for (const bytes of AFTER) await peer.trickle(bytes);
    await expectClosed(log, peer, expectUnharmed);
  });

  it('behind our close frame: nothing is delivered or answered, and the answer is still found', async () => {
    const { connection, log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(frame(TEXT, 'before'));
    await log.until('message before');
    connection.close(4001, 'bye');
    await expectLast(peer);
    peer.write(frame(TEXT, 'too late'), frame(PING, 'too late'), closeFrame(4001, 'bye'), ...AFTER);
    await log.until('close frame 4001 bye');
    peer.write(...AFTER);
    peer.socket.end();
    await log.until('close 4001');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'close frame 4001 bye', 'close 4001']);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('behind a breach of the protocol', async () => {
    const { log, peer, expectUnharmed } = await begun(scheme);
    await peer.accept(frame(TEXT, 'before'), frame(0x83), ...AFTER);
    expect(statusOf(await peer.readFrame())).toBe(1002);
    await expect(peer.read(1)).rejects.toThrow('ended');
    peer.write(...AFTER);
    peer.socket.end();
    await log.until('close 1006');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'error PROTOCOL_ERROR', 'close 1006']);
  });

  async function expectLast(peer: RawPeer): Promise<void> {
    const { first, payload } = await peer.readFrame();
    expect([first, payload.readUInt16BE()]).toEqual([CLOSE, 4001]);
  }

  /** The answer to the close frame is the only frame that comes back. */
  async function expectClosed(log: EventLog, peer: RawPeer, expectUnharmed: () => Promise<void>): Promise<void> {
    await expectLast(peer);
    peer.socket.end();
    await log.until('close 4001');
    await expect(peer.read(1)).rejects.toThrow('ended');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'close frame 4001 bye', 'close 4001']);
    expect(log.closings).toEqual([{ code: 4001, reason: 'bye', wasClean: true, error: undefined }]);
  }
});
