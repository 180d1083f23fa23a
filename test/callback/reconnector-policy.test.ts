// The reconnect policy with real servers: after which ends a connection comes back, how often, and what it tells meanwhile. What
// it decides on paper is callback/backoff.test.ts' business; what a program decides in its callbacks,
// callback/reconnector-decisions.test.ts'.

import { describe, expect, it } from 'vitest';
import type { ConnectionCloseEvent, HandshakeError, ReconnectPolicyOption, WsimdError } from '../../src/index';
import { begun, begunInVain, closing, refusing, SOON } from '../support/policies';
import { CLOSE, closeFrame, frame, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { SCHEMES } from '../support/servers';

type End = readonly [name: string, bringAbout: (peer: RawPeer) => Promise<void>, lines: readonly string[]];

const PASSING: readonly End[] = [
  [
    'TCP that ends without a close frame',
    async (peer) => {
      await peer.accept();
      peer.socket.end();
    },
    ['connect', 'open 101', 'close 1006'],
  ],
  [
    'TCP that breaks',
    async (peer) => {
      await peer.accept();
      peer.socket.destroy();
    },
    ['connect', 'open 101', 'close 1006'],
  ],
  [
    'TCP that ends inside the handshake',
    async (peer) => {
      await peer.readHead();
      peer.socket.end('HTTP/1.1 101 Swi');
    },
    ['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
  ],
  ...[1000, 1001, 1011, 1012, 1013, 4000].map(
    (code): End => [
      `a close frame of ${code}`,
      closing(code),
      ['connect', 'open 101', `close frame ${code}`, `close ${code}`],
    ],
  ),
  ...[408, 429, 500, 502, 503, 504].map(
    (status): End => [`a response of ${status}`, refusing(status), ['connect', 'error HANDSHAKE_FAIL', 'close 1006']],
  ),
];

const FINAL: readonly End[] = [
  ...[1002, 1003, 1007, 1008, 1009, 1010].map(
    (code): End => [
      `a close frame of ${code}`,
      closing(code),
      ['connect', 'open 101', `close frame ${code}`, `close ${code}`],
    ],
  ),
  ...[200, 301, 400, 401, 403, 404, 426].map(
    (status): End => [`a response of ${status}`, refusing(status), ['connect', 'error HANDSHAKE_FAIL', 'close 1006']],
  ),
  [
    'frames that break the protocol',
    async (peer) => {
      await peer.accept(frame(0xff));
      await peer.readFrameOf(CLOSE);
      peer.socket.end();
    },
    ['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006'],
  ],
  [
    'an answer without Upgrade',
    async (peer) => {
      await peer.readHead();
      peer.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n');
    },
    ['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
  ],
];

describe.each(SCHEMES)('over %s, it comes back after', (scheme) => {
  it.each(PASSING)('%s', async (_, bringAbout, lines) => {
    const { connection, log, server } = await begun(SOON, scheme);
    await bringAbout(await server.peer());
    const peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'welcome back'));
    await log.until('message welcome back');
    expect(log.events).toEqual([...lines, 'reconnect 1', 'connect', 'open 101', 'message welcome back']);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: true }]);
    // And not against the will of the program.
    connection.close();
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1000);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until(({ closings }) => closings.length === 2);
    expect(log.outlooks[1]).toEqual({ attempt: 1, willReconnect: false });
  });
});

describe.each(SCHEMES)('over %s, it stays away after', (scheme) => {
  it.each(FINAL)('%s', async (_, bringAbout, lines) => {
    const { connection, log, server } = await begun(SOON, scheme);
    await bringAbout(await server.peer());
    await log.until('reconnect failed');
    expect(log.events).toEqual([...lines, 'reconnect failed']);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    expect(connection.getStatus(false)).toBe('CLOSED');
  });
});

describe('maxRetries', () => {
  it.each([0, 1, 3])('%d: so many attempts follow the first one, and then onReconnectFailed', async (maxRetries) => {
    const { log } = await begunInVain({ ...SOON, maxRetries });
    await log.until('reconnect failed');
    const retries = Array.from({ length: maxRetries }, (_, i) => [
      `reconnect ${i + 1}`,
      'error CONNECT_FAIL',
      'close 1006',
    ]);
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006', ...retries.flat(), 'reconnect failed']);
    expect(log.outlooks).toEqual(
      Array.from({ length: maxRetries + 1 }, (_, attempt) => ({ attempt, willReconnect: attempt < maxRetries })),
    );
  });

  it('counts anew when connect() begins anew', async () => {
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 1 });
    await log.until('reconnect failed');
    connection.connect();
    await log.until('reconnect failed', 2);
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 1, 0, 1]);
  });
});

describe('shouldReconnect', () => {
  it('is asked once for each end, and told what onClose is told, with what the rule says', async () => {
    const asked: ConnectionCloseEvent[] = [];
    const told: ConnectionCloseEvent[] = [];
    const { log, server } = await begun(
      { ...SOON, maxRetries: 2, shouldReconnect: (event) => asked.push(event) > 0 },
      'ws',
      { onClose: (_, event) => told.push(event) },
    );
    await closing(1008)(await server.peer());
    await refusing(401)(await server.peer());
    (await server.acceptedPeer()).socket.end();
    await log.until('reconnect failed');
    expect(asked.map(({ code, attempt, willReconnect, wasClean }) => [code, attempt, willReconnect, wasClean])).toEqual(
      [
        [1008, 0, false, true],
        [1006, 1, false, false],
      ],
    );
    expect((asked[1]!.error as HandshakeError).response.status).toBe(401);
    expect(told.map(({ willReconnect }) => willReconnect)).toEqual([true, true, false]);
    expect(asked.map((event) => ({ ...event, willReconnect: true }))).toEqual(told.slice(0, 2));
  });

  it('may say no where the rule says yes', async () => {
    let rule: boolean | undefined;
    const { log, server } = await begun({
      ...SOON,
      shouldReconnect: ({ willReconnect }) => {
        rule = willReconnect;
        return false;
      },
    });
    (await server.acceptedPeer()).socket.end();
    await log.until('reconnect failed');
    expect(rule).toBe(true);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });
});

describe('a policy that is a function', () => {
  it('is asked for each attempt with its number and the end before it', async () => {
    const asked: [number, number, number, boolean, string | undefined][] = [];
    const { log } = await begunInVain((attempt, { code, attempt: ended, willReconnect, error }) => {
      asked.push([attempt, ended, code, willReconnect, error?.code]);
      return attempt < 3 ? 0.001 : -1;
    });
    await log.until('reconnect failed');
    const [code, error] = [1006, 'WS_ERR_CONNECT'];
    expect(asked).toEqual([
      [1, 0, code, true, error],
      [2, 1, code, true, error],
      [3, 2, code, true, error],
    ]);
    expect(log.outlooks.map(({ willReconnect }) => willReconnect)).toEqual([true, true, false]);
  });

  it('that returns 0 comes back at once', async () => {
    const { log } = await begunInVain((attempt) => (attempt > 50 ? -1 : 0));
    await log.until('reconnect failed');
    expect(log.closings.length).toBe(51);
  });

  it.each([[-1], [-0.001], [Number.NaN], [Infinity], [-Infinity], [undefined], [null], ['1'], [{}], [1n], [true]])(
    'that returns %s gives up',
    async (value) => {
      const { log } = await begunInVain(() => value as never);
      await log.until('reconnect failed');
      expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006', 'reconnect failed']);
      expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    },
  );
});

describe('a policy that throws', () => {
  it.each([
    [
      'itself',
      (thrown: Error): ReconnectPolicyOption =>
        () =>
          raise(thrown),
    ],
    ['in shouldReconnect', (thrown: Error): ReconnectPolicyOption => ({ shouldReconnect: () => raise(thrown) })],
  ])('%s tells CALLBACK_EXCEPTION, and gives up', async (_, policyOf) => {
    const thrown = new Error('mine');
    const { log } = await begunInVain(policyOf(thrown));
    await log.until('reconnect failed');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'error CALLBACK_EXCEPTION', 'close 1006', 'reconnect failed']);
    expect(log.errors[1]!.cause).toBe(thrown);
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_CONNECT');
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });

  it('or whose shouldReconnect promises an answer, which would always be true, tells the same', async () => {
    const { log } = await begunInVain({ shouldReconnect: (async () => false) as never });
    await log.until('reconnect failed');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'error CALLBACK_EXCEPTION', 'close 1006', 'reconnect failed']);
    expect(log.errors[1]!.message).toContain('shouldReconnect must return true or false, not a value of type object.');
  });

  function raise(error: Error): never {
    throw error;
  }
});
