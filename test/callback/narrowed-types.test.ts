// What TypeScript knows of what is told and thrown: a message by `isBinary`, an error by its code. Programs that were written before
// compile as they did. (These are compiled by `npm run check`; what runs here shows that they mean the same at run time.)

import { describe, expect, expectTypeOf, it } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { FRAME_FAULT } from '../../src/base/frame-faults';
import { AsyncTcpConnection, type HandshakeError, WsimdError, type WsimdErrorCode } from '../../src/index';
import { openTo } from '../support/hostile-peer';
import { BINARY, frame, TEXT } from '../support/raw-peer';

const connection = (): AsyncTcpConnection => new AsyncTcpConnection('ws://127.0.0.1:9');

describe('onMessage, and a listener of message,', () => {
  it('know by isBinary what the data is', async () => {
    const { connection, log, peer } = await openTo();
    const lengths: number[] = [];
    connection.onMessage = (self, data, isBinary) => {
      expectTypeOf(self).toEqualTypeOf<AsyncTcpConnection>();
      expectTypeOf(data).toEqualTypeOf<string | Uint8Array>();
      if (isBinary) {
        expectTypeOf(data).toEqualTypeOf<Uint8Array>();
        lengths.push(data.byteLength);
      } else {
        expectTypeOf(data).toEqualTypeOf<string>();
        log.write(data.toUpperCase());
      }
    };
    connection.on('message', (self, data, isBinary) => {
      expectTypeOf(self).toEqualTypeOf<AsyncTcpConnection>();
      if (isBinary) lengths.push(data.byteLength);
      else log.write(data.charAt(0));
    });
    peer.write(frame(BINARY, 'four'), frame(TEXT, 'text'));
    await log.until('t');
    expect(lengths).toEqual([4, 4]);
    expect(log.events.slice(-2)).toEqual(['TEXT', 't']);
  });

  it('take what programs have been written with', () => {
    const target = connection();
    target.onMessage = () => {};
    target.onMessage = (self) => self.close();
    target.onMessage = (_self, data) => expectTypeOf(data).toEqualTypeOf<string | Uint8Array>();
    target.onMessage = async (_self, data) => void data.length;
    target.onMessage = (_self, data: string | Uint8Array) => void data.length;
    target.onMessage = (_self: AsyncTcpConnection, data: string | Uint8Array, isBinary: boolean) =>
      void [data, isBinary];
    target.onMessage = (_self, _data: unknown) => {};
    target.onMessage = (_self, data, isBinary) => {
      if (!isBinary) data.charAt(0);
    };
    target.onMessage = (...rest) => {
      if (rest[2]) expectTypeOf(rest[1]).toEqualTypeOf<Uint8Array>();
    };
    const listener = (_self: AsyncTcpConnection, _data: string | Uint8Array, _isBinary: boolean): void => {};
    target.on('message', listener).off('message', listener);
    target.on('message', () => {}).on('message', (_self, data) => void data.length);
    class WithField extends AsyncTcpConnection {
      override onMessage = (_: AsyncTcpConnection, data: unknown): void => void data;
    }
    expect(new WithField('ws://127.0.0.1:9').onMessage).toBeTypeOf('function');
    target.onMessage = null;
    // @ts-expect-error: it is not the connection.
    target.onMessage = (_self: number) => {};
    // @ts-expect-error: it may be bytes.
    target.onMessage = (_self, _data: string) => {};
    // @ts-expect-error: it is text where it is not binary.
    target.onMessage = (_self, data, isBinary) => (isBinary ? 0 : data.byteLength);
    expect(() => {
      // @ts-expect-error: it is no function.
      target.onMessage = 'log';
    }).toThrow(TypeError);
    // @ts-expect-error: it is not the connection.
    target.on('message', (_self: number) => {});
  });

  it('can be called by whoever replaces them, as they were', () => {
    const target = connection();
    const calls: unknown[][] = [];
    target.onMessage = (...rest) => void calls.push(rest);
    const first = target.onMessage;
    target.onMessage = (...rest) => first?.(...rest);
    const second = target.onMessage;
    target.onMessage = (self, data, isBinary) => second?.(self, data, isBinary);
    const third = target.onMessage;
    target.onMessage = third;
    target.onMessage?.(target, 'text' as string | Uint8Array, false as boolean);
    expect(calls).toEqual([[target, 'text', false]]);
    expectTypeOf<Parameters<NonNullable<AsyncTcpConnection['onMessage']>>>().toEqualTypeOf<
      [AsyncTcpConnection, string | Uint8Array, boolean]
    >();
  });
});

describe('the code of a WsimdError', () => {
  it('is one of those of the tables', () => {
    expectTypeOf<WsimdError['code']>().toEqualTypeOf<WsimdErrorCode>();
    expectTypeOf<HandshakeError['code']>().toEqualTypeOf<WsimdErrorCode>();
    expectTypeOf<'WS_ERR_CONNECT' | 'WS_ERR_INVALID_UTF8' | 'WS_ERR_PROXY_REFUSED'>().toExtend<WsimdErrorCode>();
    expectTypeOf<`WS_ERR_${string}`>().not.toExtend<WsimdErrorCode>();
    const codeOf = (error: WsimdError): string => {
      switch (error.code) {
        case 'WS_ERR_CLOSED':
          return 'closed';
        // @ts-expect-error: there is no such code.
        case 'WS_ERR_CLOSE':
          return 'never';
        default:
          return error.code;
      }
    };
    for (const fault of [...Object.values(CONNECTION_FAULTS), ...Object.values(FRAME_FAULT)]) {
      expectTypeOf(fault.code).toExtend<WsimdErrorCode>();
      expect(codeOf(new WsimdError(fault))).toBe(fault.code === 'WS_ERR_CLOSED' ? 'closed' : fault.code);
    }
  });
});
