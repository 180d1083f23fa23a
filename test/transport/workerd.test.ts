// What workerd's sockets are not asked for: options that they cannot keep are refused by name, and what they do anyway is fine. On
// workerd itself it is test/suites/runtimes that shows the rest.

import { expect, it, vi } from 'vitest';
import type { TransportHandlers } from '../../src/transport/contract';

const connected = vi.fn(() => ({
  ...{ readable: new ReadableStream(), writable: new WritableStream() },
  ...{ opened: new Promise<never>(() => {}), closed: new Promise<never>(() => {}), close: async () => {} },
}));
vi.mock('cloudflare:sockets', () => ({ connect: connected }));

const { dial } = await import('../../src/transport/workerd');

const nothing = (): void => {};
const HANDLERS: TransportHandlers = {
  ...{ onConnect: nothing, onRead: nothing, onWritten: nothing, onEnd: nothing, onClose: nothing },
  readTarget: () => new Uint8Array(1),
};

const dialled = (options: object) => dial({ secure: false, hostname: 'a.example', port: 80, options }, HANDLERS);

it.each([
  [{ keepAlive: 30 }, 'the option keepAlive'],
  [{ noDelay: false }, 'the option noDelay'],
  [{ keepAlive: 1, noDelay: false, ca: 'x' }, 'the option keepAlive, the option noDelay, the option ca'],
])('%j is refused', (options, names) => {
  expect(() => dialled(options)).toThrow(
    `This runtime cannot do what was asked for: ${names}: workerd has no such thing.`,
  );
  expect(connected).not.toHaveBeenCalled();
});

it('what is so anyway may be said', () => {
  for (const options of [{}, { keepAlive: false, noDelay: true }, { keepAlive: undefined }]) dialled(options);
  expect(connected).toHaveBeenCalledTimes(3);
});
