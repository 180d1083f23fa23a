// The addresses of a name, tried side by side (RFC 8305): real sockets, to addresses that refuse, that say nothing, that answer
// late, and that work.

import { once } from 'node:events';
import { connect, type LookupFunction, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection, type SocketOptions, type WsimdError } from '../../../src/index';
import { WebSocket } from '../../../src/web';
import { ChildProgram } from '../../support/child-program';
import { type EventLog, record } from '../../support/event-log';
import { closedPort, echoServer, SCHEMES, type Scheme, trust, type WsTestServer } from '../../support/servers';

const NAME = 'feed.example.test';
const WORKS = '127.0.0.1';
const LATE = '127.0.0.5';
const [REFUSES, REFUSES_TOO] = ['127.0.0.6', '127.0.0.7'];
/** Milliseconds between two attempts that no test waits for. */
const NEVER = 1_000_000;

/** Answers every name with these addresses, and notes whether it was asked for all of them. */
function lookupOf(addresses: readonly string[]): { lookup: LookupFunction; asked: unknown[] } {
  const asked: unknown[] = [];
  const list = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    asked.push(all);
    if (all) process.nextTick(callback, null, list);
    else process.nextTick(callback, null, list[0]!.address, list[0]!.family);
  };
  return { lookup, asked };
}

/** The sockets that go to addresses from here on, in order, and how often one told of what it read by an event. */
function watched(): { sockets: Map<Socket, string>; chunks: number } {
  const seen = { sockets: new Map<Socket, string>(), chunks: 0 };
  const { emit } = Socket.prototype;
  const spy = vi.spyOn(Socket.prototype, 'emit').mockImplementation(function (this: Socket, ...rest: unknown[]) {
    const [event, , address] = rest;
    if (event === 'lookup') seen.sockets.set(this, address as string);
    if (event === 'data' && seen.sockets.has(this)) seen.chunks += 1;
    return emit.apply(this, rest as Parameters<typeof emit>);
  });
  onTestFinished(() => spy.mockRestore());
  return seen;
}

/** At this port of LATE there is a way to the server, but nobody answers until `answer` is called. */
async function lateWayTo({ port }: WsTestServer): Promise<{ answer(): void }> {
  const child = new ChildProgram(`
    import { connect, createServer } from 'node:net';
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(connect(${port}, '${WORKS}').on('error', () => {})).pipe(socket);
    });
    server.listen({ port: ${port}, host: '${LATE}', backlog: 1 }, () => console.log('listening'));
  `);
  await child.until((output) => output.includes('listening'));
  child.signal('SIGSTOP');
  // The kernel answers for it until its queue is full, and then drops what asks; who asks does so again in a second.
  const fillers = Array.from({ length: 8 }, () => connect(port, LATE).on('error', () => {}));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
  });
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return { answer: () => child.signal('SIGCONT') };
}

async function begun(scheme: Scheme, port: number, addresses: readonly string[], options: SocketOptions = {}) {
  const { lookup, asked } = lookupOf(addresses);
  const connection = new AsyncTcpConnection(`${scheme}://${NAME}:${port}`, {
    ...(await trust(scheme)),
    lookup,
    ...options,
  });
  onTestFinished(() => connection.destroy());
  const log = record(connection);
  const seen = watched();
  connection.connect();
  return { connection, log, asked, ...seen, seen };
}

const others = (sockets: Map<Socket, string>, winner: string): boolean[] =>
  [...sockets].filter(([, address]) => address !== winner).map(([socket]) => socket.destroyed);

const causeOf = (log: EventLog): AggregateError => (log.errors[0]!.cause as WsimdError).cause as AggregateError;

describe.each(SCHEMES)('over %s, of several addresses', (scheme) => {
  it('one that answers late is not given up for one that refuses', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const late = await lateWayTo(server);
    const { connection, log, sockets, seen } = await begun(scheme, server.port, [LATE, REFUSES]);
    // The second one has been tried, and has failed.
    await vi.waitFor(() => expect(others(sockets, LATE)).toEqual([true]), { timeout: 10_000 });
    expect(log.events).toEqual([]);
    late.answer();
    await log.until('open 101');
    expect(connection.getRemoteIp()).toBe(LATE);
    connection.send('hello');
    await log.until('message hello');
    expect([sockets.size, seen.chunks]).toEqual([2, 0]);
  });

  it('the first one that is up wins, and the others are given up', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const late = await lateWayTo(server);
    const { connection, log, sockets, seen } = await begun(scheme, server.port, [LATE, WORKS]);
    await log.until('open 101');
    expect(connection.getRemoteIp()).toBe(WORKS);
    expect(others(sockets, WORKS)).toEqual([true]);
    late.answer();
    const large = 'x'.repeat(300_000);
    connection.send(large);
    await log.until(({ messages }) => messages.length === 1);
    expect(log.messages).toEqual([large]);
    // It is read as one that was the only one: into the place that is given, and without events.
    expect([log.events.slice(0, 2), sockets.size, seen.chunks]).toEqual([['connect', 'open 101'], 2, 0]);
  });

  it('the next one is tried at once when one has failed, and each once', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const { connection, log, sockets } = await begun(scheme, server.port, [REFUSES, REFUSES_TOO, WORKS, LATE], {
      autoSelectFamilyAttemptTimeout: NEVER,
    });
    await log.until('open 101');
    expect(connection.getRemoteIp()).toBe(WORKS);
    expect([...sockets.values()]).toEqual([REFUSES, REFUSES_TOO, WORKS]);
  });

  it('all that fail are told with their reasons, families in turn', async () => {
    const port = await closedPort();
    const { log, sockets } = await begun(scheme, port, [REFUSES, REFUSES_TOO, '127.0.0.8', '::1'], {
      autoSelectFamilyAttemptTimeout: NEVER,
    });
    await log.until('close 1006');
    const order = [REFUSES, '::1', REFUSES_TOO, '127.0.0.8'];
    expect([...sockets.values()]).toEqual(order);
    const reasons = order.map((address) => `connect ECONNREFUSED ${address}:${port}`);
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toBe(
      `The server could not be reached: ${NAME} port ${port}, ${reasons.join('; ')}.`,
    );
    expect(causeOf(log).errors.map(({ message }) => message)).toEqual(reasons);
    expect(causeOf(log)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('and none that answers, connectTimeout ends all', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    await lateWayTo(server);
    const { lookup } = lookupOf([LATE, REFUSES]);
    const connection = new AsyncTcpConnection(`${scheme}://${NAME}:${server.port}`, { lookup });
    connection.connectTimeout = 1;
    const log = record(connection);
    const { sockets } = watched();
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
    expect([...sockets.keys()].map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it('destroy() ends all attempts, and is told once', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    await lateWayTo(server);
    const { connection, log, sockets } = await begun(scheme, server.port, [LATE, LATE, LATE, WORKS], {
      autoSelectFamilyAttemptTimeout: 300,
    });
    await vi.waitFor(() => expect(sockets.size).toBe(2), { timeout: 10_000 });
    connection.destroy();
    expect(log.events).toEqual(['close 1006']);
    expect([...sockets.keys()].map(({ destroyed }) => destroyed)).toEqual([true, true]);
    await Promise.all([...sockets.keys()].map((socket) => socket.closed || once(socket, 'close')));
    expect([log.events, sockets.size]).toEqual([['close 1006'], 2]);
  });

  it('the first is the only one where autoSelectFamily is false', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const { log, sockets, asked } = await begun(scheme, server.port, [REFUSES, WORKS], { autoSelectFamily: false });
    await log.until('close 1006');
    expect([[...sockets.values()], asked]).toEqual([[REFUSES], [undefined]]);
  });

  it('a lookup of the user’s is asked for one where the family is given, as the runtime asks it', async () => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const { log, asked } = await begun(scheme, server.port, [WORKS, REFUSES], { family: 4 });
    await log.until('open 101');
    expect(asked).toEqual([false]);
  });

  it('where there is just one, it is tried, and its error told as it is', async () => {
    const port = await closedPort();
    const { log, sockets, asked } = await begun(scheme, port, [REFUSES]);
    await log.until('close 1006');
    expect([sockets.size, asked]).toEqual([1, [true]]);
    expect(log.errors[0]!.message).toBe(
      `The server could not be reached: ${NAME} port ${port}, connect ECONNREFUSED ${REFUSES}:${port}.`,
    );
    expect(causeOf(log)).not.toHaveProperty('errors');
  });
});

it('what is found when the attempt is over already is not tried', async () => {
  let answer: () => void = () => {};
  const lookup: LookupFunction = (_hostname, _how, callback) => {
    answer = () =>
      callback(
        null,
        [REFUSES, WORKS].map((address) => ({ address, family: 4 })),
      );
  };
  const connection = new AsyncTcpConnection(`ws://${NAME}:9`, { lookup, autoSelectFamilyAttemptTimeout: 10 });
  const log = record(connection);
  const { sockets } = watched();
  connection.connect();
  connection.destroy();
  answer();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([log.events, [...sockets.keys()].filter(({ destroyed }) => !destroyed)]).toEqual([['close 1006'], []]);
});

it('wsimd/web does so, too', async () => {
  const server = await echoServer('ws');
  const { lookup } = lookupOf([REFUSES, WORKS]);
  const socket = new WebSocket(`ws://${NAME}:${server.port}`, { tls: { lookup } });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('it did not open'));
  });
  socket.close();
});
