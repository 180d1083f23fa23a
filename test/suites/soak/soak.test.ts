// A soak of random faults over real sockets: many lives of AsyncTcpConnection against a server that is not ours, through a
// relay that chops, delays, stalls, cuts and breaks. No message may be lost, duplicated, reordered or changed on the way,
// and every life has to end as what happened to it says. Ten minutes of connections, side by side in forty seconds.
//
//   SOAK_SECONDS=5      how long; 40 if it is not set
//   SOAK_SEED=7         the seed of a whole soak: what happens to each life, but not the timing; 6455 if it is not set
//   SOAK_LIFE=…         the seed of one life, to be lived again and again; every failure names its own

import { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLOCKS, RECORDS } from '../../../assembly/layout';
import { Decoder } from '../../../src/framing';
import { record } from '../../support/event-log';
import { echoServer } from '../../support/servers';
import { Ledger } from './ledger';
import { MessageSource } from './messages';
import { ENDINGS } from './plan';
import { Random } from './random';
import { Soak } from './soak';

const LANES = 15;
const { SOAK_SECONDS = '40', SOAK_SEED = '6455', SOAK_LIFE } = process.env;

/** All of this has to have happened, or the soak has shown nothing. */
const HAPPENINGS = [
  ...ENDINGS.map((ending) => `ending: ${ending}`),
  'fault: a delay',
  'fault: a piece cut off',
  'fault: a stall',
  'fault: pieces that leave at once',
  'back-pressure: send() returned null',
  'back-pressure: send() dropped a message',
  'back-pressure: onBufferFull',
  'back-pressure: onBufferDrain',
  'breaches that were answered with their status',
  'close frames that were answered',
  'exceptions in callbacks',
  'lives in which all came back before the end',
  'lives over ws',
  'lives over wss',
  'lives that were a reconnect',
  'messages in fragments',
  'pauses',
  'pings of the client',
  'pings of the server',
  'pongs of the client',
  'told: a clean close',
  'told: WS_ERR_DEAD_PEER',
  'told: WS_ERR_ENDED',
  'told: WS_ERR_RESET',
];

/** Connected sockets of this process, those of the test runner included. */
function socketCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

describe('a soak', () => {
  it('loses, duplicates and reorders nothing, and every life ends as it should', { timeout: 120_000 }, async () => {
    const socketsBefore = socketCount();
    const delays = monitorEventLoopDelay();
    delays.enable();
    const soak = new Soak({
      seed: Number(SOAK_SEED),
      seconds: Number(SOAK_SECONDS),
      lanes: LANES,
      lifeSeed: SOAK_LIFE === undefined ? undefined : Number(SOAK_LIFE),
    });
    await soak.run();
    delays.disable();
    soak.tally.add('event loop: milliseconds of the longest turn', delays.max / 1e6);
    console.info(`SOAK_SEED=${SOAK_SEED}\n${soak.tally}`);
    expect(soak.failures.map((chronicle) => chronicle.report()).join('\n'), `SOAK_SEED=${SOAK_SEED}`).toBe('');
    if (SOAK_LIFE === undefined) expect(soak.tally.missing(HAPPENINGS), `SOAK_SEED=${SOAK_SEED}`).toEqual([]);
    const left = (): number[] => [soak.socketsLeft, socketCount()];
    await expect.poll(left, { timeout: 10_000 }).toEqual([0, socketsBefore]);
  });
});

describe('after it', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('every record of the decoders is free', () => {
    const decoders = Array.from({ length: RECORDS }, () => new Decoder({ role: 'client' }));
    expect(() => new Decoder({ role: 'client' })).toThrow('at most 65,536 connections');
    for (const decoder of decoders) decoder.close();
  });

  it('every send block is free: as many connections can each gather a tick in one of its own', async () => {
    const server = await echoServer('ws');
    const connections = Array.from({ length: BLOCKS }, () => server.client());
    const logs = connections.map((connection) => record(connection));
    for (const connection of connections) connection.connect();
    await Promise.all(logs.map((log) => log.until('open 101')));
    const write = vi.spyOn(Socket.prototype, 'write');
    for (const text of ['one', 'two']) {
      for (const connection of connections) expect(connection.send(text)).toBe(true);
    }
    // The flush of this tick; the server has had no turn yet.
    await Promise.resolve();
    expect(write).toHaveBeenCalledTimes(BLOCKS);
    await Promise.all(logs.map((log) => log.until('message two')));
  });
});

describe('the ledger of a soak', () => {
  const source = new MessageSource('m', new Random(1), 1000);
  const binaries = Array.from({ length: 50 }, () => source.make(500)).filter(({ isBinary }) => isBinary);
  const sent = binaries.slice(0, 5).map(({ bytes }) => bytes);
  const [first, second, third, fourth, fifth] = sent as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const changed = Buffer.from(second);
  changed[400]! ^= 1;

  /** Sends these five messages, delivers those, and returns what is wrong with them. */
  function violationsOf(delivered: readonly Buffer[], isBinary = true): string[] {
    const violations: string[] = [];
    const ledger = new Ledger('there', (sentence) => violations.push(sentence));
    for (const message of binaries.slice(0, 5)) ledger.accept(message);
    for (const bytes of delivered) ledger.arrive(bytes, isBinary);
    ledger.expectComplete('at the end');
    return violations;
  }

  it('has nothing to say if all is well', () => {
    expect(violationsOf(sent)).toEqual([]);
  });

  it.each([
    ['the last one lost', [first, second, third, fourth], '4 messages of 5 had arrived at the end'],
    ['one lost', [first, third, fourth, fifth], 'number 2 is number 3, which skips some'],
    ['one twice', [first, second, second, third], 'number 3 is number 2 once more'],
    ['two out of order', [first, third, second, fourth, fifth], 'number 2 is number 3, which skips some'],
    ['a bit changed', [first, changed, third, fourth, fifth], 'number 2 is nothing that was sent, but binary'],
    ['the end of one missing', [first, second.subarray(1)], 'number 2 is nothing that was sent'],
    ['one more than there are', [...sent, fifth], 'number 6 is number 5 once more'],
  ])('sees %s', (_, delivered, sentence) => {
    expect(violationsOf(delivered)).toEqual([expect.stringContaining(`there: ${sentence}`)]);
  });

  it('sees bytes that come as a text', () => {
    expect(violationsOf(sent, false)).toEqual([expect.stringContaining('number 1 is nothing that was sent, but text')]);
  });
});
