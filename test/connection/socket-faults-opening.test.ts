// Faults to survive on the way to a connection: DNS failure, refused and black-holed connects, expired and wrong-host
// certificates. Each is told once, in connectTimeout at the latest, and no byte of a request goes to the wrong place.

import { once } from 'node:events';
import { connect, type LookupFunction } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection, type SocketOptions, type WsimdError } from '../../src/index';
import { bystander } from '../support/bystander';
import { witness } from '../support/certificates';
import { elapse } from '../support/clock';
import { type EventLog, record } from '../support/event-log';
import { closedPort, SCHEMES, type Scheme, testAuthority } from '../support/servers';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));
vi.mock('../../src/transport/node/unacknowledged', async () => (await import('../support/clock')).withoutKernel());

/** A connection that is begun with a healthy one beside it. */
async function begin(
  url: string,
  options: SocketOptions = {},
  scheme: Scheme = 'ws',
): Promise<{ connection: AsyncTcpConnection; log: EventLog; expectUnharmed: () => Promise<void> }> {
  const expectUnharmed = await bystander(scheme);
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  const log = record(connection);
  connection.connect();
  return { connection, log, expectUnharmed };
}

/** Waits for the end of an attempt that fails with this kind, and returns its error. */
async function failure(begun: Awaited<ReturnType<typeof begin>>, kind: string): Promise<WsimdError> {
  const { connection, log, expectUnharmed } = begun;
  await log.until(({ closings }) => closings.length > 0);
  await expectUnharmed();
  expect(log.events).toEqual([`error ${kind}`, 'close 1006']);
  const error = log.errors[0]!.cause as WsimdError;
  expect(log.errors[0]!.message).toBe(error.message);
  expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
  expect(connection.getStatus(false)).toBe('CLOSED');
  return error;
}

describe.each(SCHEMES)('over %s, DNS failure:', (scheme) => {
  it('a name that does not exist (RFC 6761 §6.4: "invalid")', async () => {
    const error = await failure(await begin(`${scheme}://wsimd.invalid/`), 'CONNECT_FAIL');
    expect(error.code).toBe('WS_ERR_CONNECT');
    expect(error.message).toContain('The server could not be reached: wsimd.invalid port');
    // Which of the two depends on whether there is a network to ask.
    expect((error.cause as NodeJS.ErrnoException).code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('a `lookup` that fails', async () => {
    const reason = Object.assign(new Error('the resolver is on fire'), { code: 'ESERVFAIL' });
    const lookup: LookupFunction = (_name, _options, callback) => process.nextTick(callback, reason, []);
    const error = await failure(await begin(`${scheme}://example.test:8080/`, { lookup }), 'CONNECT_FAIL');
    expect(error.message).toBe('The server could not be reached: example.test port 8080, the resolver is on fire.');
    expect(error.cause).toBe(reason);
  });

  it('a `lookup` that throws', async () => {
    const reason = new Error('not even an answer');
    const lookup: LookupFunction = () => {
      throw reason;
    };
    const error = await failure(await begin(`${scheme}://example.test/`, { lookup }), 'CONNECT_FAIL');
    expect(error.code).toBe('WS_ERR_CONNECT');
    expect(error.message).toContain('not even an answer');
  });

  it('a `lookup` that answers with what is no address', async () => {
    const answer = [{ address: 'not an address', family: 4 }];
    const lookup: LookupFunction = (_name, _options, callback) => process.nextTick(callback, null, answer);
    const error = await failure(await begin(`${scheme}://example.test/`, { lookup }), 'CONNECT_FAIL');
    expect(error.code).toBe('WS_ERR_CONNECT');
  });
});

describe.each(SCHEMES)('over %s, refused connects:', (scheme) => {
  it('a port where nobody listens', async () => {
    const port = await closedPort();
    const error = await failure(await begin(`${scheme}://127.0.0.1:${port}/`), 'CONNECT_FAIL');
    expect(error.code).toBe('WS_ERR_CONNECT');
    expect(error.message).toMatch(
      new RegExp(`^The server could not be reached: 127.0.0.1 port ${port}, .*ECONNREFUSED`),
    );
  });

  it('at every address of a name', async () => {
    const port = await closedPort();
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    const lookup: LookupFunction = (_name, _options, callback) => process.nextTick(callback, null, addresses);
    const error = await failure(await begin(`${scheme}://example.test:${port}/`, { lookup }), 'CONNECT_FAIL');
    expect(error.message).toBe(
      `The server could not be reached: example.test port ${port}, connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED ::1:${port}.`,
    );
  });

  it('again and again, with a reconnect after each', async () => {
    const port = await closedPort();
    const connection = new AsyncTcpConnection(`${scheme}://127.0.0.1:${port}/`);
    onTestFinished(() => connection.destroy());
    const log = record(connection, { onClose: () => log.closings.length < 5 && connection.reConnect() });
    connection.connect();
    await log.until('close 1006', 5);
    expect(log.events).toEqual(Array(5).fill(['error CONNECT_FAIL', 'close 1006']).flat());
  });
});

describe.each(SCHEMES)('over %s, black-holed connects:', (scheme) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function expectTimeout(begun: Awaited<ReturnType<typeof begin>>): Promise<void> {
    // Many turns of the event loop: whatever could have answered would have.
    await begun.expectUnharmed();
    await elapse(9_999);
    expect(begun.log.events).toEqual([]);
    await elapse(1);
    const error = await failure({ ...begun, expectUnharmed: async () => {} }, 'TIMEOUT');
    expect(error.code).toBe('WS_ERR_CONNECT_TIMEOUT');
    expect(error.message).toContain('connectTimeout');
  }

  it('a `lookup` that never answers: connectTimeout covers DNS', async () => {
    const asked: string[] = [];
    const lookup: LookupFunction = (name) => void asked.push(name);
    const begun = await begin(`${scheme}://example.test/`, { lookup });
    await expectTimeout(begun);
    expect(asked).toEqual(['example.test']);
  });

  it('a `lookup` that answers after connectTimeout: too late', async () => {
    let answer: (() => void) | undefined;
    const port = await closedPort();
    const lookup: LookupFunction = (_name, _options, callback) => {
      answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const begun = await begin(`${scheme}://example.test:${port}/`, { lookup });
    await expectTimeout(begun);
    answer!();
    await (await bystander('ws'))();
    expect(begun.log.events).toEqual(['error TIMEOUT', 'close 1006']);
  });

  it('a host that answers no SYN: connectTimeout covers TCP', async () => {
    const port = await blackHole();
    await expectTimeout(await begin(`${scheme}://127.0.0.1:${port}/`));
  });

  /**
   * A port whose listener never accepts and whose queue is full: the kernel drops every further SYN, as a firewall would.
   * The listener is a thread that is stuck.
   */
  async function blackHole(): Promise<number> {
    const source = `
      const server = require('node:net').createServer();
      server.listen(0, '127.0.0.1', 1, () => {
        require('node:worker_threads').parentPort.postMessage(server.address().port);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const worker = new Worker(source, { eval: true });
    onTestFinished(async () => void (await worker.terminate()));
    const [port] = (await once(worker, 'message')) as [number];
    const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'));
    onTestFinished(() => {
      for (const socket of fillers) socket.destroy();
    });
    for (const socket of fillers) socket.on('error', () => {});
    await once(fillers[0]!, 'connect');
    return port;
  }
});

describe('over wss, expired and wrong-host certificates:', () => {
  const MISMATCH = 'ERR_TLS_CERT_ALTNAME_INVALID';

  it.each([
    ['an expired one', '127.0.0.1', { domains: ['127.0.0.1'], validity: -1 }, 'CERT_HAS_EXPIRED'],
    ['one for another address', '127.0.0.1', { domains: ['127.0.0.2'], validity: 1 }, MISMATCH],
    ['one for the name of that address', '127.0.0.1', { domains: ['localhost'], validity: 1 }, MISMATCH],
    ['one for another name', 'localhost', { domains: ['example.test'], validity: 1 }, MISMATCH],
    ['one for any subdomain', 'localhost', { domains: ['*.localhost'], validity: 1 }, MISMATCH],
  ])('%s at %s ends it before the request is sent', async (_, host, made, code) => {
    const { port, received } = await witness(made);
    const { cert: ca } = await testAuthority();
    const error = await failure(await begin(`wss://${host}:${port}/?secret`, { ca, family: 4 }, 'wss'), 'TLS_FAIL');
    expect(error.code).toBe('WS_ERR_TLS');
    expect(error.message).toContain(`The TLS connection could not be made: ${host} port ${port}, `);
    expect((error.cause as NodeJS.ErrnoException).code).toBe(code);
    expect(await received).toBe('');
  });

  it('an expired one is believed with rejectUnauthorized: false, and then the request is sent', async () => {
    const { port, received } = await witness({ domains: ['127.0.0.1'], validity: -1 });
    const options = { rejectUnauthorized: false };
    const { log, expectUnharmed } = await begin(`wss://127.0.0.1:${port}/?secret`, options, 'wss');
    expect(await received).toMatch(/^GET \/\?secret HTTP\/1\.1\r\n/);
    await log.until('close 1006');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(log.closings[0]!.error!.code).toBe('WS_ERR_HANDSHAKE_ENDED');
  });
});
