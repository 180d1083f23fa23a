// What a fault in the user's own code may do: reach onError, and nothing else. Each clause of that line of the list has one
// test, by its name. One callback at a time, over ws and wss, is in callback/async-tcp-connection-failures.test.ts.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { bystander } from '../support/bystander';
import { ChildProgram } from '../support/child-program';
import { open } from '../support/decoders';
import { CALLBACKS, record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { closeFrame, frame, PING, TEXT } from '../support/raw-peer';
import { echoServer, rawServer, testAuthority } from '../support/servers';
import { WHOLE_LIFE, wholeLife } from '../support/whole-life';

const exception = new Error('the fault of the user');
const fail = (): never => {
  throw exception;
};

describe('The user’s own code', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('an exception in a callback reaches onError: in all of them at once', async () => {
    const expectUnharmed = await bystander('ws');
    const others = CALLBACKS.filter((name) => name !== 'onError');
    const log = await wholeLife('ws', () => Object.fromEntries(others.map((name) => [name, fail])));
    expect(log.events).toEqual(
      WHOLE_LIFE.flatMap(([callback, line]) => (callback === 'onError' ? [line] : [line, 'error CALLBACK_EXCEPTION'])),
    );
    const caught = log.errors.filter(({ code }) => code === AsyncTcpConnection.CALLBACK_EXCEPTION);
    expect(caught.map(({ cause }) => cause)).toEqual(Array(WHOLE_LIFE.length - 1).fill(exception));
    await expectUnharmed();
  });

  it('an exception in a callback reaches onError: whatever it is, even if it has no text', async () => {
    class Mute extends Error {
      override get message(): string {
        throw exception;
      }
    }
    const thrown = [Object.create(null), new Mute(), Symbol('mute'), undefined];
    const texts = ['something that has no text', 'something that has no text', 'Symbol(mute)', 'undefined'];
    const { connection, log, peer } = await openTo();
    connection.onMessage = (_, data) => {
      log.messages.push(data);
      throw thrown[log.messages.length - 1];
    };
    peer.write(...thrown.map((_, number) => frame(TEXT, `${number}`)), closeFrame(1000));
    await log.until('close 1000');
    expect(log.messages).toEqual(['0', '1', '2', '3']);
    expect(log.errors.map(({ cause }) => cause)).toEqual(thrown);
    for (const [number, { message }] of log.errors.entries()) expect(message).toContain(texts[number]);
  });

  it('an exception in a callback reaches reportError, if onError throws or is not there', async () => {
    const reportError = vi.fn();
    vi.stubGlobal('reportError', reportError);
    const log = await wholeLife('ws', () => ({ onError: fail }));
    expect(log.events).toEqual(WHOLE_LIFE.map(([, line]) => line));
    expect(reportError.mock.calls).toEqual([[exception]]);

    const { connection, log: other, peer } = await openTo();
    connection.onError = null;
    connection.onMessage = fail;
    connection.onClose = fail;
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), closeFrame(1000));
    await other.until('close frame 1000');
    connection.destroy();
    expect(reportError.mock.calls).toEqual(Array(4).fill([exception]));
  });

  it('leaves the parser’s state whole, wherever the chunk ends', async () => {
    const { connection, log, peer } = await openTo();
    connection.onMessage = (_, data) => {
      log.messages.push(data);
      fail();
    };
    connection.onWebSocketPing = fail;
    const fragment = (first: number, text: string): Buffer => frame(first, Buffer.from(text));
    const stream = Buffer.concat([
      frame(TEXT, 'one'),
      fragment(0x01, 'two, '),
      frame(PING, 'in between'),
      fragment(0x80, '다람쥐'),
      frame(TEXT, ''),
      frame(PING, ''),
    ]);
    await peer.trickle(stream);
    for (let cut = 1; cut < stream.length; cut += 1) {
      peer.write(stream.subarray(0, cut));
      await log.until(({ messages }) => messages.length >= 3 * cut);
      peer.write(stream.subarray(cut));
    }
    await log.until(
      ({ messages, errors }) => messages.length === 3 * stream.length && errors.length === 5 * stream.length,
    );
    expect(log.messages).toEqual(Array.from({ length: stream.length }, () => ['one', 'two, 다람쥐', '']).flat());
    expect(new Set(log.errors.map(({ code }) => code))).toEqual(new Set([AsyncTcpConnection.CALLBACK_EXCEPTION]));
  });

  it('leaves the parser’s state whole in wsimd/framing, whose feed throws the first exception afterwards', () => {
    const told: unknown[] = [];
    const decoder = open({
      onMessage: (data) => {
        told.push(data);
        throw new Error(`${data}`);
      },
    });
    const chunk = Buffer.concat([frame(TEXT, 'one'), frame(TEXT, 'two'), Buffer.of(0x81, 5, 0x74)]);
    expect(() => decoder.feed(chunk)).toThrow('one');
    expect(() => decoder.feed(Buffer.concat([Buffer.from('hree'), frame(TEXT, 'four')]))).toThrow('three');
    expect(told).toEqual(['one', 'two', 'three', 'four']);
  });

  it('leaves every other connection whole, and loses no other message', async () => {
    const server = await echoServer('ws');
    const COUNT = 2_000;
    const logs = [0, 1, 2].map((number) => {
      const connection = server.client();
      const log = record(connection, {
        onWebSocketConnect: () => {
          for (let i = 0; i < COUNT; i += 1) connection.send(`${number} ${i}`);
        },
        // Of three connections that share a window and a tape, the second never gets a message without failing.
        ...(number === 1 ? { onMessage: fail } : {}),
      });
      connection.connect();
      return log;
    });
    await Promise.all(logs.map((log) => log.until(({ messages }) => messages.length === COUNT)));
    for (const [number, log] of logs.entries()) {
      expect(log.messages).toEqual(Array.from({ length: COUNT }, (_, i) => `${number} ${i}`));
      expect(log.errors).toHaveLength(number === 1 ? COUNT : 0);
    }
  });

  it('an exception in `lookup` reaches onError', async () => {
    const server = await rawServer('ws');
    const connection = new AsyncTcpConnection(`ws://localhost:${server.port}`, { lookup: fail });
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toContain(exception.message);
  });

  it('an exception in `checkServerIdentity` reaches onError, and does not end the process', async () => {
    const server = await echoServer('wss');
    const program = new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection('${server.url}', {
        ca: ${JSON.stringify((await testAuthority()).cert)},
        checkServerIdentity() {
          throw new Error('the fault of the user');
        },
      });
      connection.onError = (connection, code, message) => console.log(code + ' ' + message);
      connection.onClose = (connection, { code }) => console.log('close ' + code);
      connection.connect();
    `);
    expect([await program.exit, program.output.trim().split('\n')]).toEqual([
      0,
      [expect.stringMatching(/^7 .*the fault of the user\.$/), 'close 1006'],
    ]);
  });
});
