// What may go wrong on an open connection: a callback that throws loses nothing and harms nobody, a peer that breaks the
// protocol gets a close frame with the right status; and other connections notice neither.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { bystander } from '../support/bystander';
import { CALLBACKS, record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, PING, statusOf, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES } from '../support/servers';
import { WHOLE_LIFE, wholeLife } from '../support/whole-life';

describe.each(SCHEMES)('over %s, an exception in', (scheme) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(CALLBACKS.filter((name) => name !== 'onError'))('%s reaches onError, and all else goes on', async (name) => {
    const exception = new Error('the fault of the user');
    const log = await wholeLife(scheme, () => ({
      [name]: () => {
        throw exception;
      },
    }));
    const expected = WHOLE_LIFE.flatMap(([callback, line]) =>
      callback === name ? [line, 'error CALLBACK_EXCEPTION'] : [line],
    );
    expect(log.events).toEqual(expected);
    const [error] = log.errors.filter(({ code }) => code === AsyncTcpConnection.CALLBACK_EXCEPTION);
    expect(error!.cause).toBe(exception);
    expect(error!.message).toBe('A callback threw an exception: the fault of the user.');
    expect(log.closings[0]).toMatchObject({ code: 1000, wasClean: true });
  });

  it('onError goes to the console, and all else goes on', async () => {
    const exception = new Error('the fault of the user');
    const console = spyOnConsole();
    const log = await wholeLife(scheme, () => ({
      onError: () => {
        throw exception;
      },
    }));
    expect(log.events).toEqual(WHOLE_LIFE.map(([, line]) => line));
    expect(console.mock.calls).toEqual([[exception]]);
  });

  it('a callback goes to the console where there is no onError, and the process lives', async () => {
    const console = spyOnConsole();
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, {
      onMessage: (_, data) => {
        throw data;
      },
    });
    connection.onError = null;
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'), frame(TEXT, 'two'), closeFrame(1000));
    await peer.readFrame();
    peer.socket.end();
    await log.until('close 1000');
    expect(log.events).toEqual(['connect', 'open 101', 'message one', 'message two', 'close frame 1000', 'close 1000']);
    expect(console.mock.calls).toEqual([['one'], ['two']]);
  });

  it('every one of 1000 messages of one batch loses none of them', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, {
      onMessage: (_, data) => {
        throw new Error(String(data));
      },
    });
    connection.connect();
    const peer = await server.peer();
    await peer.accept(...Array.from({ length: 1000 }, (_, i) => frame(TEXT, `${i}`)));
    await log.until(({ errors }) => errors.length === 1000);
    expect(log.messages).toEqual(Array.from({ length: 1000 }, (_, i) => `${i}`));
    expect(log.errors.map(({ message }) => message)).toEqual(
      Array.from({ length: 1000 }, (_, i) => `A callback threw an exception: ${i}.`),
    );
  });

  function spyOnConsole() {
    return vi.spyOn(console, 'error').mockImplementation(() => {});
  }
});

interface Breach {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly status: number;
  readonly code: string;
  readonly says: readonly string[];
}

const masked = Buffer.concat([Buffer.of(TEXT, 0x81), Buffer.of(1, 2, 3, 4, 0x61)]);

const BREACHES: readonly Breach[] = [
  { name: 'a masked frame', bytes: masked, status: 1002, code: 'WS_ERR_UNEXPECTED_MASK', says: ['must not mask'] },
  { name: 'RSV1', bytes: frame(0xc1), status: 1002, code: 'WS_ERR_UNEXPECTED_RSV_1', says: ['RSV1'] },
  { name: 'RSV3', bytes: frame(0x91), status: 1002, code: 'WS_ERR_UNEXPECTED_RSV_2_3', says: ['RSV3'] },
  { name: 'a reserved opcode', bytes: frame(0x83), status: 1002, code: 'WS_ERR_INVALID_OPCODE', says: ['opcode'] },
  {
    name: 'a continuation of nothing',
    bytes: frame(0x80, 'x'),
    status: 1002,
    code: 'WS_ERR_INVALID_OPCODE',
    says: ['continuation'],
  },
  {
    name: 'a message inside a message',
    bytes: Buffer.concat([frame(0x01, 'begin'), frame(TEXT, 'x')]),
    status: 1002,
    code: 'WS_ERR_INVALID_OPCODE',
    says: ['fragmented'],
  },
  { name: 'a fragmented ping', bytes: frame(0x09), status: 1002, code: 'WS_ERR_EXPECTED_FIN', says: ['control frame'] },
  {
    name: 'a ping of 126 bytes',
    bytes: frame(PING, 'x'.repeat(126)),
    status: 1002,
    code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    says: ['125 bytes'],
  },
  {
    name: 'a length in more bytes than needed',
    bytes: Buffer.of(BINARY, 126, 0, 125),
    status: 1002,
    code: 'WS_ERR_INVALID_PAYLOAD_LENGTH',
    says: ['minimal'],
  },
  {
    name: 'a length with its top bit set',
    bytes: Buffer.of(BINARY, 127, 0x80, 0, 0, 0, 0, 0, 0, 0),
    status: 1002,
    code: 'WS_ERR_INVALID_PAYLOAD_LENGTH',
    says: ['most significant bit'],
  },
  {
    name: 'a close frame of one byte',
    bytes: frame(CLOSE, 'x'),
    status: 1002,
    code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    says: ['close frame'],
  },
  { name: 'close code 1006', bytes: closeFrame(1006), status: 1002, code: 'WS_ERR_INVALID_CLOSE_CODE', says: ['code'] },
  {
    name: 'a reason that is not UTF-8',
    bytes: frame(CLOSE, Buffer.of(0x03, 0xe8, 0xff)),
    status: 1007,
    code: 'WS_ERR_INVALID_UTF8',
    says: ['reason', 'UTF-8'],
  },
  {
    name: 'the first byte of a text that is not UTF-8, before the rest has come',
    bytes: Buffer.concat([Buffer.of(TEXT, 100), Buffer.from('good so far\xff', 'latin1')]),
    status: 1007,
    code: 'WS_ERR_INVALID_UTF8',
    says: ['text message', 'UTF-8'],
  },
  {
    name: 'a message that declares more than maxPackageSize, before any of it has come',
    bytes: Buffer.of(BINARY, 126, 1001 >> 8, 1001 & 0xff),
    status: 1009,
    code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    says: ['maxPackageSize', '1000', '1001'],
  },
  {
    name: 'fragments that together are more than maxPackageSize',
    bytes: Buffer.concat([frame(0x02, 'x'.repeat(600)), Buffer.of(0x80, 126, 500 >> 8, 500 & 0xff)]),
    status: 1009,
    code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    says: ['maxPackageSize', '1000', '1100'],
  },
  {
    name: 'fragments without end',
    bytes: Buffer.concat([frame(0x02), ...Array(131_072).fill(frame(0x00))]),
    status: 1008,
    code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    says: ['fragments', '131072'],
  },
];

describe.each(SCHEMES)('over %s, a server that sends', (scheme) => {
  it.each(BREACHES)('$name gets a close frame with $status', async ({ bytes, status, code, says }) => {
    const expectUnharmed = await bystander(scheme);

    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxPackageSize = 1000;
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'before'), bytes, frame(TEXT, 'after'));
    const close = await peer.readFrame();
    expect([close.first, statusOf(close)]).toEqual([CLOSE, status]);
    await expect(peer.read(1)).rejects.toThrow('ended');
    peer.socket.end();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'error PROTOCOL_ERROR', 'close 1006']);
    const error = log.errors[0]!.cause as WsimdError;
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
    expect([error.code, error.status]).toEqual([code, status]);

    await expectUnharmed();
    for (const text of says) expect(error.message).toContain(text);
  });
});
