// The fault table, walked: every entry has the right shape, the code that `ws` has for it, and a case that provokes it: frame
// faults in the decoder and on the wire, all others on a real socket.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as layout from '../../assembly/layout';
import {
  CONNECTION_FAULTS,
  ERROR_KIND,
  type Fault,
  placeOf,
  secondsOf,
  tellAlso,
  unheld,
  WsimdError,
} from '../../src/base/faults';
import { FRAME_FAULT, FRAME_FAULTS } from '../../src/base/frame-faults';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection, WsimdError as PublicError } from '../../src/index';
import { record } from '../support/event-log';
import { bytesOf, EXCEPTION, LIVES, STREAMS, TOLD } from '../support/fault-scenarios';
import { CLOSE, frame, statusOf, TEXT } from '../support/raw-peer';
import { DEFAULT_LIMITS, isCloseCode } from '../support/reference';
import { rawServer, SCHEMES } from '../support/servers';
import { Receiver } from '../support/ws-internals';

const frameFaults = Object.keys(STREAMS) as (keyof typeof STREAMS)[];
const connectionFaults = Object.keys(CONNECTION_FAULTS) as (keyof typeof CONNECTION_FAULTS)[];
const provoked = Object.keys(LIVES) as (keyof typeof LIVES)[];

/** The numbers of the frame faults by their names in assembly/layout.ts. */
const numbers = new Map(Object.entries(layout).filter(([name]) => name.startsWith('FAULT_')));

const faultOf = (name: keyof typeof STREAMS): Fault => FRAME_FAULTS[numbers.get(name)!]!;

const all: [name: string, fault: Fault][] = [
  ...frameFaults.map((name): [string, Fault] => [name, faultOf(name)]),
  ...connectionFaults.map((name): [string, Fault] => [name, CONNECTION_FAULTS[name]]),
];

describe('the fault table', () => {
  it('has an entry for every number of assembly/layout.ts, and none without a number', () => {
    expect(frameFaults).toEqual([...numbers.keys()]);
    // 0 is no fault.
    expect([...numbers.values()]).toEqual(frameFaults.map((_, i) => i + 1));
    expect(Object.keys(FRAME_FAULTS).map(Number)).toEqual([...numbers.values()]);
    const constants = Object.keys(FRAME_FAULT).map((name) => `FAULT_${name.replace(/\B[A-Z]/g, '_$&').toUpperCase()}`);
    expect(constants).toEqual([...numbers.keys()]);
  });

  it('has the kinds of Workerman, and ours behind them', () => {
    expect(ERROR_KIND).toEqual({
      CONNECT_FAIL: 1,
      SEND_FAIL: 2,
      HANDSHAKE_FAIL: 3,
      PROTOCOL_ERROR: 4,
      TIMEOUT: 5,
      DEAD_PEER: 6,
      TLS_FAIL: 7,
      CALLBACK_EXCEPTION: 8,
      PROXY_FAIL: 9,
      ABORTED: 10,
    });
    expect({ ...AsyncTcpConnection }).toEqual(ERROR_KIND);
  });

  it('says no sentence twice', () => {
    expect(new Set(all.map(([, { sentence }]) => sentence)).size).toBe(all.length);
  });

  it.each(all)('%s has a code, a sentence, and a status and kind that exist', (_, { code, sentence, status, kind }) => {
    expect(code).toMatch(/^WS_ERR_[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(sentence).toMatch(/^[A-Z].*[^.\s]$/);
    if (status !== undefined) expect(isCloseCode(status)).toBe(true);
    if (kind !== undefined) expect(Object.values(ERROR_KIND)).toContain(kind);
  });

  it.each(frameFaults)('%s is answered with a status (RFC 6455 §7.4.1) for the rule or limit it names', (name) => {
    const { status, sentence, kind } = faultOf(name);
    expect(status).toBe(STREAMS[name].status ?? 1002);
    // A limit is this connection's own: the error adds its name and value.
    if (status === 1008 || status === 1009) expect(sentence).toMatch(/than this connection accepts$/);
    else expect(sentence).toMatch(/ \(RFC 6455 §\d+(\.\d+)*\)$/);
    expect(kind).toBeUndefined();
  });

  it('names the rule for each refusal of a response', () => {
    const refusals = connectionFaults.filter((name) => name.startsWith('handshake'));
    expect(refusals).toHaveLength(6);
    for (const name of refusals) expect(CONNECTION_FAULTS[name].sentence).toMatch(/\(RFC 6455 §4\.1\)$/);
  });

  it('has a status for a connection fault only where the peer can be told by a frame', () => {
    const answered = connectionFaults.filter((name) => 'status' in CONNECTION_FAULTS[name]);
    expect(answered).toEqual(['sourceFailed', 'messageUnheld', 'inflate', 'internal']);
  });

  it.each([
    ['connectTimeout', /connectTimeout/],
    ['closeTimeout', /closeTimeout/],
    ['deadPeer', /websocketPingTimeout/],
    ['sendBufferFull', /maxSendBufferSize/],
    ['headSize', /16,384 bytes.*100 headers/],
    ['tooManyConnections', /65,536/],
  ] as const)('%s names its limit', (name, limit) => {
    expect(CONNECTION_FAULTS[name].sentence).toMatch(limit);
  });
});

describe('the codes of `ws`', () => {
  /** What `ws` says to a fault of ours, where it is not the same, and why ours is. */
  const OTHERWISE: Partial<Record<keyof typeof STREAMS, { code: string | undefined; why: string }>> = {
    FAULT_LENGTH_NOT_MINIMAL: { code: undefined, why: 'ws takes a length in more bytes than it needs' },
    FAULT_LENGTH_TOP_BIT: {
      code: 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
      why: 'ws says of any length above 2^53 - 1 that it is too large, since its lengths are floats; ours are not, so that what is wrong is the bit',
    },
  };

  it.each(frameFaults)('%s has the one that its receiver gives to the same bytes', async (name) => {
    const { role } = STREAMS[name];
    const receiver = new Receiver({
      isServer: role === 'server',
      maxPayload: DEFAULT_LIMITS.maxMessageSize,
      maxFragments: DEFAULT_LIMITS.maxFragments,
    });
    const code = await new Promise((resolve) => {
      receiver.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      receiver.write(bytesOf(STREAMS[name]), (error) => error ?? resolve(undefined));
    });
    const otherwise = OTHERWISE[name];
    expect(code).toBe(otherwise === undefined ? faultOf(name).code : otherwise.code);
    if (otherwise !== undefined) expect(faultOf(name).code).toBe('WS_ERR_INVALID_PAYLOAD_LENGTH');
  });

  it('are all of ours but one, and all in its source but one', () => {
    const receiver = join(createRequire(import.meta.url).resolve('ws'), '../lib/receiver.js');
    const theirs = new Set(readFileSync(receiver, 'utf8').match(/WS_ERR_\w+/g));
    const ours = new Set<string>(frameFaults.map((name) => faultOf(name).code));
    expect([...ours].filter((code) => !theirs.has(code))).toEqual(['WS_ERR_INVALID_PAYLOAD_LENGTH']);
    expect([...theirs].filter((code) => !ours.has(code))).toEqual(['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH']);
  });
});

describe('in the decoder', () => {
  it.each(frameFaults)('%s is told once, and nothing behind it', (name) => {
    const { role = 'client', status = 1002 } = STREAMS[name];
    const { code, sentence } = faultOf(name);
    const errors: PublicError[] = [];
    const messages: unknown[] = [];
    const decoder = new Decoder({
      role,
      onError: (error) => errors.push(error),
      onMessage: (message) => messages.push(message),
      onClose: (code) => messages.push(code),
    });
    const good = role === 'client' ? frame(TEXT, 'good') : Buffer.of(TEXT, 0x80, 0, 0, 0, 0);
    decoder.feed(good);
    decoder.feed(bytesOf(STREAMS[name]));
    decoder.feed(good);
    decoder.close();
    expect(messages).toEqual([role === 'client' ? 'good' : '']);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(PublicError);
    expect(errors[0]).toMatchObject({ code, status, kind: ERROR_KIND.PROTOCOL_ERROR });
    expectSays(errors[0]!.message, sentence);
  });
});

describe.each(SCHEMES)('over %s', (scheme) => {
  const atClient = frameFaults.filter((name) => STREAMS[name].role !== 'server');

  it.each(atClient)('%s fails the connection, with its status in the close frame', async (name) => {
    const { status = 1002 } = STREAMS[name];
    const { code, sentence } = faultOf(name);
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'good'), bytesOf(STREAMS[name]), frame(TEXT, 'never read'));
    const close = await peer.readFrame();
    expect([close.first, statusOf(close), close.payload.length]).toEqual([CLOSE, status, 2]);
    await expect(peer.read(1)).rejects.toThrow('ended');
    peer.socket.end();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message good', 'error PROTOCOL_ERROR', 'close 1006']);
    const [told] = log.errors;
    expect(told).toMatchObject({ code: ERROR_KIND.PROTOCOL_ERROR, cause: { code, status } });
    expectSays(told!.message, sentence);
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error: told!.cause }]);
  });
});

describe('on a connection', () => {
  // Faults that end a connection and are told by onClose alone: the peer is gone, and nobody did wrong.
  const BY_ON_CLOSE: readonly (typeof provoked)[number][] = ['ended', 'reset', 'closeTimeout'];
  // Faults that a connection survives.
  const SURVIVED: readonly (typeof provoked)[number][] = [
    'sendBufferFull',
    'sendQueueFull',
    'sendQueueAge',
    'notSent',
    'blobUnread',
    'callback',
  ];

  /** What the user should see of a fault. */
  function expected(name: (typeof provoked)[number]) {
    const [kind, code] = TOLD[name];
    const { sentence, status }: Fault = CONNECTION_FAULTS[name];
    return { kind: ERROR_KIND[kind], code, sentence, status };
  }

  it.each(provoked.filter((name) => ![...BY_ON_CLOSE, ...SURVIVED].includes(name)))(
    '%s is told by onError with its kind, and by onClose',
    async (name) => {
      const { code, kind, status, sentence } = expected(name);
      const log = await LIVES[name]();
      expect(log.errors).toHaveLength(1);
      const [told] = log.errors;
      expect(told!.code).toBe(kind);
      expectSays(told!.message, sentence);
      const error = told!.cause as PublicError;
      expect(error).toBeInstanceOf(PublicError);
      expect(error).toMatchObject({ code, kind, status, message: told!.message });
      expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
    },
  );

  it.each(BY_ON_CLOSE)('%s is told by onClose alone', async (name) => {
    const { code, kind, sentence } = expected(name);
    const { errors, closings } = await LIVES[name]();
    expect(errors).toEqual([]);
    expect(closings).toHaveLength(1);
    expect(closings[0]).toMatchObject({ code: 1006, reason: '', wasClean: false, error: { code, kind } });
    expectSays(closings[0]!.error!.message, sentence);
  });

  it.each([
    ['sendBufferFull', ['full', 'error SEND_FAIL']],
    ['sendQueueFull', ['error SEND_FAIL']],
    ['sendQueueAge', ['error SEND_FAIL']],
    ['notSent', ['error SEND_FAIL']],
    ['blobUnread', ['connect', 'open 101', 'error SEND_FAIL']],
  ] as const)('%s is told by onError, and ends nothing', async (name, told) => {
    const { code, kind, sentence } = expected(name);
    const { events, errors } = await LIVES[name]();
    expect(events).toEqual(told);
    expect(errors[0]).toMatchObject({ code: kind, cause: { code, kind } });
    expectSays(errors[0]!.message, sentence);
  });

  it('callback is told by onError with what was thrown, and ends nothing', async () => {
    const { code, kind, sentence } = expected('callback');
    expect(CONNECTION_FAULTS.callback.code).toBe(code);
    const { events, errors } = await LIVES.callback();
    expect(events).toEqual(['connect', 'open 101', 'error CALLBACK_EXCEPTION', 'close 1006']);
    expect(errors).toEqual([{ code: kind, message: `${sentence}: ${EXCEPTION.message}.`, cause: EXCEPTION }]);
  });
});

describe('WsimdError', () => {
  it('ends its sentence with a full stop', () => {
    const error = new WsimdError(CONNECTION_FAULTS.ended);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('WsimdError');
    expect(error.message).toBe('The connection ended without a close frame (RFC 6455 §7.1.5).');
    expect(error).toMatchObject({
      fault: CONNECTION_FAULTS.ended,
      code: 'WS_ERR_ENDED',
      kind: ERROR_KIND.CONNECT_FAIL,
      detail: undefined,
      status: undefined,
    });
  });

  it('ends it with a detail, where there is one, and keeps the error behind it', () => {
    const cause = new Error('behind');
    const error = new WsimdError(CONNECTION_FAULTS.reset, 'ECONNRESET', cause);
    expect(error.message).toBe('The connection broke: ECONNRESET.');
    expect(error.detail).toBe('ECONNRESET');
    expect(error.cause).toBe(cause);
  });

  it.each([
    ['has one already.', 'has one already'],
    ['has more of them...', 'has more of them'],
    ['ends a line.\r\n', 'ends a line'],
    ['ends in an empty list: ', 'ends in an empty list'],
    ['v1.2', 'v1.2'],
  ])('ends in one full stop, where the detail %j', (detail, told) => {
    expect(new WsimdError(CONNECTION_FAULTS.reset, detail).message).toBe(`The connection broke: ${told}.`);
  });

  it('has one full stop, where the detail is nothing', () => {
    for (const detail of ['', '.', ' ']) {
      expect(new WsimdError(CONNECTION_FAULTS.reset, detail).message).toBe('The connection broke.');
    }
  });

  it('ends in one full stop, where it is told with the sentence of another', () => {
    const inner = new WsimdError(CONNECTION_FAULTS.ended);
    expect(new WsimdError(CONNECTION_FAULTS.notSent, inner.message, inner).message).toMatch(/[^.]\.$/);
  });

  it('may be told more of, behind its detail or in place of one', () => {
    for (const [detail, message] of [
      ['ECONNRESET', 'The connection broke: ECONNRESET, after 1 redirect.'],
      [undefined, 'The connection broke: after 1 redirect.'],
      ['.', 'The connection broke: after 1 redirect.'],
    ] as const) {
      const error = new WsimdError(CONNECTION_FAULTS.reset, detail);
      tellAlso(error, 'after 1 redirect');
      expect(error.message).toBe(message);
      expect(error.stack).toContain(message);
      expect(error.detail).toBe(message.slice('The connection broke: '.length, -1));
      error.stack = undefined as never;
      tellAlso(error, 'in vain');
      expect([error.stack, error.message.endsWith(', in vain.')]).toEqual([undefined, true]);
    }
  });

  it('is a protocol error where the fault has no kind, with the status of the fault', () => {
    const error = new WsimdError(CONNECTION_FAULTS.internal);
    expect(error).toMatchObject({ code: 'WS_ERR_INTERNAL', kind: ERROR_KIND.PROTOCOL_ERROR, status: 1011 });
  });
});

/** The sentence, then a full stop or a detail and a full stop. */
function expectSays(message: string, sentence: string): void {
  expect(message.slice(0, sentence.length)).toBe(sentence);
  expect(message.slice(sentence.length)).toMatch(/^(\.|: .*[^.]\.)$/s);
}

it('a message that could not be made says why, if that can be said', () => {
  expect(unheld(new RangeError('no room')).message).toContain('no room');
  expect(unheld('no error').cause).toBe('no error');
});

it('a place is a host with its port, or a socket file', () => {
  expect([placeOf('host.example', 80), placeOf('/run/socket', 0)]).toEqual(['host.example port 80', '/run/socket']);
});

it('a time is a number of seconds, or one second', () => {
  expect([0.5, 1, 2].map(secondsOf)).toEqual(['0.5 seconds', '1 second', '2 seconds']);
});
