// The first of the faults to survive: a reset, at every phase of a connection, in the clear and under TLS. Each ends the
// connection once, with the error of its phase, and a healthy connection beside it notices nothing.

import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { bystander } from '../support/bystander';
import { type EventLog, record } from '../support/event-log';
import { CLOSE, closeFrame, frame, RawPeer, TEXT } from '../support/raw-peer';
import { type Link, type RelayOptions, relayTo } from '../support/relay';
import { rawServer, SCHEMES, type Scheme } from '../support/servers';

/** A connection on its way to the moment of the reset. */
interface Life {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly link: Link;
  /** The server's end, once TLS is up. */
  readonly peer: () => Promise<RawPeer>;
}

interface Phase {
  /** What the relay passes on at all. */
  readonly relay?: RelayOptions;
  readonly reach: (life: Life) => Promise<unknown>;
}

interface Case extends Phase {
  readonly name: string;
  readonly schemes?: readonly Scheme[];
  readonly events: readonly string[];
}

/** A head of which half is more than all that TLS sends around it. */
const LONG_HEADER = `X-Long: ${'x'.repeat(12_000)}`;
const HALF_HEAD = 6_000;

/** More than the kernels on the way take for a server that does not read. */
const LARGE = new Uint8Array(32 * 1024 * 1024);

const accept =
  (...bytes: Uint8Array[]) =>
  async ({ peer, log }: Life): Promise<unknown> => {
    await (await peer()).accept(frame(TEXT, 'before'), ...bytes);
    return log.until('message before');
  };

/** Runs a connection up to the phase, cuts it off, and waits for its end with a bystander that must not notice. */
async function reset(scheme: Scheme, { relay: options, reach }: Phase): Promise<EventLog> {
  const expectUnharmed = await bystander(scheme);
  const server = await rawServer(scheme);
  const relay = await relayTo(server, options);
  const connection = relay.client();
  const log = record(connection);
  connection.connect();
  const link = await relay.link();
  await reach({ connection, log, link, peer: () => server.peer() });
  link.reset();
  await log.until(({ closings }) => closings.length > 0);
  if (log.events.includes('full')) await log.until('drain');
  await expectUnharmed();
  expect(log.closings).toHaveLength(1);
  expect(connection.getStatus(false)).toBe('CLOSED');
  expect(connection.send('too late')).toBe(false);
  return log;
}

const BEFORE_OPEN: readonly (Case & { readonly code: string })[] = [
  {
    name: 'on accept, before a byte of it was answered',
    schemes: ['ws'],
    relay: { toServer: 0 },
    reach: ({ link }) => link.toServer.hasCome(),
    events: ['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
    code: 'WS_ERR_HANDSHAKE_ENDED',
  },
  {
    name: 'on accept, before TLS',
    schemes: ['wss'],
    relay: { toServer: 0 },
    reach: ({ link }) => link.toServer.hasCome(),
    events: ['error TLS_FAIL', 'close 1006'],
    code: 'WS_ERR_TLS',
  },
  {
    name: 'during the TLS handshake, in the middle of the flight of the server',
    schemes: ['wss'],
    relay: { toClient: 500 },
    reach: ({ link }) => link.toClient.hasPassed(500),
    events: ['error TLS_FAIL', 'close 1006'],
    code: 'WS_ERR_TLS',
  },
  {
    name: 'before the response',
    reach: async ({ peer }) => (await peer()).readHead(),
    events: ['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
    code: 'WS_ERR_HANDSHAKE_ENDED',
  },
  {
    name: 'in the middle of the response head',
    reach: async ({ peer: nextPeer, link }) => {
      const peer = await nextPeer();
      const answer = RawPeer.answer(await peer.readHead(), LONG_HEADER);
      const end = link.toClient.count + HALF_HEAD;
      peer.write(Buffer.from(answer.slice(0, HALF_HEAD)));
      await link.toClient.hasPassed(end);
    },
    events: ['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
    code: 'WS_ERR_HANDSHAKE_ENDED',
  },
];

const OPEN: readonly Case[] = [
  {
    name: 'right after the 101',
    reach: async ({ peer, log }) => {
      await (await peer()).accept();
      return log.until('open 101');
    },
    events: [],
  },
  { name: 'between two frames', reach: accept(), events: ['message before'] },
  {
    name: 'inside a frame header',
    reach: accept(Buffer.of(TEXT, 126, 0x01)),
    events: ['message before'],
  },
  {
    name: 'inside a payload',
    reach: accept(Buffer.of(TEXT, 10), Buffer.from('only ha')),
    events: ['message before'],
  },
  {
    name: 'between fragments',
    reach: accept(frame(0x01, 'a fragment'), frame(0x00, 'another')),
    events: ['message before'],
  },
  {
    name: "while the client's large send is stalled",
    reach: async (life) => {
      await accept()(life);
      expect(life.connection.send(LARGE)).toBeNull();
      expect(life.connection.send('dropped')).toBe(false);
      await life.link.toServer.hasPassed(1024 * 1024);
    },
    events: ['message before', 'full', 'error SEND_FAIL'],
  },
  {
    name: "after the client's close frame",
    reach: async ({ peer: nextPeer, connection, log }) => {
      const peer = await nextPeer();
      await peer.accept();
      await log.until('open 101');
      connection.close(4000, 'bye');
      await peer.readFrameOf(CLOSE);
    },
    events: [],
  },
];

describe.each(SCHEMES)('over %s, reset at every phase:', (scheme) => {
  it('before it is accepted', async () => {
    const expectUnharmed = await bystander(scheme);
    // A listener that closes resets what waits in its queue.
    const server = createServer(() => expect.unreachable());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const connection = new AsyncTcpConnection(`${scheme}://127.0.0.1:${port}`);
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    // Node begins to connect at the next tick. Behind that, the client is in the queue, and nobody has looked yet.
    process.nextTick(() => server.close());
    await log.until(({ closings }) => closings.length > 0);
    await expectUnharmed();
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    const error = log.errors[0]!.cause as WsimdError;
    expect(error.code).toBe('WS_ERR_CONNECT');
    expect(error.message).toContain('ECONNRESET');
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
  });

  const before = BEFORE_OPEN.filter(({ schemes = SCHEMES }) => schemes.includes(scheme));
  it.each(before.map((phase) => [phase.name, phase] as const))('%s', async (_, phase) => {
    const log = await reset(scheme, phase);
    expect(log.events).toEqual(phase.events);
    const error = log.errors[0]!.cause as WsimdError;
    expect(error.code).toBe(phase.code);
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
  });

  it.each(OPEN.map((phase) => [phase.name, phase] as const))('%s', async (_, phase) => {
    const log = await reset(scheme, phase);
    const behind = phase.events.includes('full') ? ['drain'] : [];
    expect(log.events).toEqual(['connect', 'open 101', ...phase.events, 'close 1006', ...behind]);
    expect(log.closings[0]).toMatchObject({ code: 1006, reason: '', wasClean: false, error: { code: 'WS_ERR_RESET' } });
    // Whichever of reading and writing noticed it first.
    const { message, cause } = log.closings[0]!.error!;
    expect(message).toMatch(/^The connection broke: .*(ECONNRESET|EPIPE)/);
    expect((cause as NodeJS.ErrnoException).code).toMatch(/^(ECONNRESET|EPIPE)$/);
  });

  it("after the server's close frame: that one counts", async () => {
    const log = await reset(scheme, {
      reach: async ({ peer: nextPeer, log }) => {
        const peer = await nextPeer();
        await peer.accept(closeFrame(4001, 'bye'));
        await peer.readFrameOf(CLOSE);
        await log.until('close frame 4001 bye');
      },
    });
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 4001 bye', 'close 4001']);
    expect(log.closings).toEqual([{ code: 4001, reason: 'bye', wasClean: true, error: undefined }]);
  });

  it('after a breach of the protocol: that one is told, and the reset is not', async () => {
    const log = await reset(scheme, {
      reach: async ({ peer: nextPeer }) => {
        const peer = await nextPeer();
        await peer.accept(frame(0x83, 'a reserved opcode'));
        await peer.readFrameOf(CLOSE);
      },
    });
    expect(log.events).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_INVALID_OPCODE');
  });

  it('in the tick of a large send: onBufferDrain does not come before onClose, for what was lost', async () => {
    const server = await rawServer(scheme);
    const relay = await relayTo(server);
    const connection = relay.client();
    const log = record(connection);
    connection.connect();
    const link = await relay.link();
    await server.acceptedPeer();
    await log.until('open 101');
    expect(connection.send(new Uint8Array(32 * 1024 * 1024))).toBeNull();
    link.reset();
    await log.until('drain');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'close 1006', 'drain']);
  });
});
