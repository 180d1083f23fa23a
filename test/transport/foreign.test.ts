// A pipe of the user's, which may do everything wrong (src/transport/foreign.ts): it ends its own connection at the most, and
// gets no memory that others use.

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import type { Transport, TransportHandlers, TransportTarget } from '../../src/transport/contract';
import { shielded } from '../../src/transport/foreign';
import { record } from '../support/event-log';
import { frame, RawPeer, TEXT } from '../support/raw-peer';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const target: TransportTarget = { secure: false, hostname: 'example.com', port: 80, options: {} };

interface Foreign {
  readonly log: string[];
  readonly transport: Transport;
  /** What the pipe was given to tell. */
  readonly told: TransportHandlers;
  readonly calls: string[];
}

/** A pipe of these methods, and what its connection hears. */
function foreign(methods: Partial<Transport> = {}, own: Partial<TransportHandlers> = {}): Foreign {
  const log: string[] = [];
  const calls: string[] = [];
  let told!: TransportHandlers;
  const pipe: Transport = {
    endpoints: {},
    write: () => true,
    read: (isWanted) => void calls.push(`read ${isWanted}`),
    startTls: () => {},
    close: (how) => void calls.push(`close ${how}`),
    ...methods,
  };
  const transport = shielded((_, handlers) => {
    told = handlers;
    return pipe;
  })(target, {
    onConnect: () => void log.push('connect'),
    readTarget: () => new Uint8Array(1),
    onRead: (bytes, length) => void log.push(`read ${Buffer.from(bytes.subarray(0, length))}`),
    onWritten: () => void log.push('drain'),
    onEnd: () => void log.push('end'),
    onClose: (error) => void log.push(`close ${error?.message}`),
    ...own,
  });
  return { log, transport, told, calls };
}

const raise = (error: unknown) => (): never => {
  throw error;
};

describe('opening', () => {
  it('hands the target on, and throws what is thrown', () => {
    const mine = new Error('mine');
    const connect = vi.fn(raise(mine));
    expect(() => shielded(connect)(target, {} as TransportHandlers)).toThrow(mine);
    expect((connect.mock.calls as unknown[][])[0]![0]).toBe(target);
  });

  it.each([undefined, null, 7, {}, { write: true }])('throws a TypeError for %o in place of a pipe', (pipe) => {
    expect(() => shielded(() => pipe as never)(target, {} as TransportHandlers)).toThrow(TypeError);
  });

  it('tells what comes within it behind it, in order', async () => {
    const log: string[] = [];
    const handlers = {
      onConnect: () => log.push('connect'),
      onRead: (bytes: Uint8Array, length: number) => log.push(`read ${Buffer.from(bytes.subarray(0, length))}`),
      onClose: () => log.push('close'),
    } as unknown as TransportHandlers;
    shielded((_, told) => {
      told.onConnect();
      told.onRead(Buffer.from('abc'), 2);
      told.onClose();
      return { write: () => true } as unknown as Transport;
    })(target, handlers);
    expect(log).toEqual([]);
    await setImmediate();
    expect(log).toEqual(['connect', 'read ab', 'close']);
  });
});

describe('what a pipe tells', () => {
  it('needs no this', () => {
    const { told, log } = foreign();
    const { onConnect, onRead, onEnd, onClose } = told;
    onConnect();
    onRead(Buffer.from('a'), 1);
    onEnd();
    onClose();
    expect(log).toEqual(['connect', 'read a', 'end', 'close undefined']);
  });

  it('is told once where it is for once, and not at all behind the end', () => {
    const { told, log } = foreign();
    told.onEnd();
    told.onEnd();
    told.onRead(Buffer.from('behind the end'), 3);
    told.onClose(new Error('first'));
    told.onClose(new Error('second'));
    told.onConnect();
    told.onWritten();
    expect(log).toEqual(['end', 'close first']);
  });

  it('is a drain only behind a write that was held', () => {
    const held = [true, false, false];
    const { told, log, transport } = foreign({ write: () => held.shift()! });
    told.onWritten();
    expect(transport.write(Buffer.from('a'))).toBe(true);
    told.onWritten();
    expect(log).toEqual([]);
    expect(transport.write(Buffer.from('b'))).toBe(false);
    told.onWritten();
    told.onWritten();
    expect(log).toEqual(['drain']);
  });

  it.each([
    ['a string', 'abc', 3],
    ['an array', [1, 2], 1],
    ['other numbers', new Uint16Array(4), 1],
    ['more than there is', Buffer.from('abc'), 4],
    ['less than nothing', Buffer.from('abc'), -1],
    ['a half', Buffer.from('abc'), 0.5],
    ['no length', Buffer.from('abc'), undefined],
    ['no bytes', undefined, 1],
  ])('%s in place of bytes ends it with a TypeError, not within the call', async (_, bytes, length) => {
    const { told, log, calls } = foreign();
    told.onRead(bytes as never, length as never);
    expect(log).toEqual([]);
    await setImmediate();
    expect(log).toEqual([expect.stringMatching(/^close onRead of a transport takes/)]);
    expect(calls).toEqual(['close now']);
  });

  it.each([[undefined], ['mine'], [new Error('mine')], [{}]])('is an end with an error, if it says %o', (cause) => {
    const { told } = foreign(
      {},
      {
        onClose: (error) => expect(cause === undefined ? error === undefined : error instanceof Error).toBe(true),
      },
    );
    told.onClose(cause as never);
    expect.assertions(1);
  });
});

describe('where it reads to', () => {
  it('is a place of its own: the same between two reads, and another connection has another', () => {
    const [a, b] = [foreign(), foreign()];
    const place = a.told.readTarget();
    expect(place.length).toBe(65_536);
    expect(place.buffer.byteLength).toBe(65_536);
    expect(a.told.readTarget()).toBe(place);
    expect(b.told.readTarget().buffer).not.toBe(place.buffer);
    place.set(Buffer.from('abc'));
    a.told.onRead(place, 3);
    expect(a.log).toEqual(['read abc']);
    expect(a.told.readTarget()).toBe(place);
  });

  it('is another one while what was read there is being told', () => {
    let inner = '';
    const it: Foreign = foreign(
      {},
      {
        onRead: (bytes, length) => {
          const before = Buffer.from(bytes.subarray(0, length)).toString();
          if (before === 'abc') {
            const place = it.told.readTarget();
            expect(place.buffer).not.toBe(bytes.buffer);
            place.fill(0x78);
            it.told.onRead(place, 5);
          }
          inner += `${before} ${Buffer.from(bytes.subarray(0, length))},`;
        },
      },
    );
    const place = it.told.readTarget();
    place.set(Buffer.from('abc'));
    it.told.onRead(place, 3);
    expect(inner).toBe('xxxxx xxxxx,abc abc,');
  });
});

describe('what is written', () => {
  it('is a copy, which the pipe may keep', () => {
    const kept: Uint8Array[] = [];
    const { transport } = foreign({ write: (bytes) => kept.push(bytes) > 0 });
    const bytes = Uint8Array.of(1, 2, 3);
    transport.write(bytes.subarray(1));
    bytes.fill(0);
    expect(kept.map((part) => [...part])).toEqual([[2, 3]]);
    expect(kept[0]!.buffer).not.toBe(bytes.buffer);
  });

  it('throws what the pipe throws, and behind the end is not written', () => {
    const mine = new Error('mine');
    const write = vi.fn(raise(mine));
    const { transport, told } = foreign({ write });
    expect(() => transport.write(Buffer.from('a'))).toThrow(mine);
    told.onClose();
    expect(transport.write(Buffer.from('a'))).toBe(false);
    expect(write).toHaveBeenCalledTimes(1);
  });
});

describe.each(['read', 'close'] as const)('%s() of a pipe that throws', (name) => {
  it('ends it, not within the call, once', async () => {
    const mine = new Error('mine');
    const { transport, log } = foreign({ [name]: raise(mine) });
    const call = (): void => (name === 'read' ? transport.read(true) : transport.close('flush'));
    expect(call).not.toThrow();
    expect(call).not.toThrow();
    expect(log).toEqual([]);
    await setImmediate();
    expect(log).toEqual(['close mine']);
  });
});

it('a second exception, of the close that follows the first, is reported', async () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const second = new Error('second');
  const { transport, log } = foreign({ read: raise(new Error('first')), close: raise(second) });
  transport.read(false);
  await setImmediate();
  expect(log).toEqual(['close first']);
  expect(reported.mock.calls).toEqual([[second]]);
});

describe('as the option "transport" of a connection', () => {
  /** A server within the pipe, which answers within `write`. */
  function within(onFrames: (told: TransportHandlers) => void, isFaulty = false): AsyncTcpConnection {
    let isOpen = false;
    return new AsyncTcpConnection('ws://example.com/', {
      transport: (_, told) => {
        queueMicrotask(() => told.onConnect());
        return {
          endpoints: {},
          write: (bytes) => {
            if (isOpen && isFaulty) throw new Error('mine');
            const text = Buffer.from(bytes).toString('latin1');
            bytes.fill(0xee);
            if (isOpen) onFrames(told);
            else {
              isOpen = true;
              const answer = Buffer.from(RawPeer.answer(text));
              told.onRead(answer, answer.length);
            }
            return true;
          },
          read: () => {},
          startTls: () => {},
          close: () => queueMicrotask(() => told.onClose()),
        };
      },
    });
  }

  it('opens, tells and sends, although it answers within its write', async () => {
    let writes = 0;
    const connection = within((told) => {
      writes += 1;
      const bytes = frame(TEXT, `answer ${writes}`);
      told.onRead(bytes, bytes.length);
    });
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    for (let i = 1; i <= 5; i += 1) {
      connection.send(`${i}`);
      await log.until(`message answer ${i}`);
    }
    connection.destroy();
    await log.until('close 1006');
  });

  it('breaks its own connection if its write throws', async () => {
    const connection = within(() => {}, true);
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    connection.send('a');
    await log.until('close 1006');
    expect(log.events.filter((event) => event.startsWith('error'))).toHaveLength(1);
    expect(String((log.errors[0]!.cause as Error).message)).toContain('mine');
  });
});
