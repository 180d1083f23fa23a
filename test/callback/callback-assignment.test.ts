// What may be assigned to a callback, and by whom: a mistake is told where it is made, not when the first message comes.

import { describe, expect, it } from 'vitest';
import { CALLBACKS } from '../../src/callback/callbacks';
import { AsyncTcpConnection } from '../../src/index';
import { echoServer } from '../support/servers';

const connection = (): AsyncTcpConnection => new AsyncTcpConnection('ws://127.0.0.1:1');

const set = (target: object, name: string, value: unknown) => Reflect.set(target, name, value);

describe.each(CALLBACKS)('%s', (name) => {
  it('is null, and takes functions, null and undefined', () => {
    const target = connection();
    expect(target[name]).toBe(null);
    const callback = (): void => {};
    set(target, name, callback);
    expect(target[name]).toBe(callback);
    set(target, name, undefined);
    expect(target[name]).toBe(null);
    target[name] = null;
    expect(target[name]).toBe(null);
  });

  it.each([['console.log'], [{ handleEvent() {} }], [5], [false], [[() => {}]], [Promise.resolve()]])(
    '%j is refused where it is assigned, and the one before stays',
    (value) => {
      const target = connection();
      const before = (): void => {};
      set(target, name, before);
      expect(() => set(target, name, value)).toThrow(TypeError);
      expect(() => set(target, name, value)).toThrow(new RegExp(`^${name} must be a function, or null; it is an? `));
      expect(target[name]).toBe(before);
    },
  );
});

describe('callbacks', () => {
  it('are of each connection alone, and can be taken over by Object.assign and by destructuring', () => {
    const onMessage = (): void => {};
    const one = Object.assign(connection(), { onMessage });
    const { onMessage: taken, onClose } = one;
    expect([taken, onClose]).toEqual([onMessage, null]);
    expect(connection().onMessage).toBe(null);
  });

  it.each([
    [
      'fields',
      class extends AsyncTcpConnection {
        seen: unknown[] = [];
        override onMessage = (_: AsyncTcpConnection, data: unknown): void => {
          this.seen.push(data);
          this.close();
        };
      },
    ],
    [
      'methods',
      // TypeScript would have a field.
      (() => {
        class Mine extends AsyncTcpConnection {
          seen: unknown[] = [];
        }
        function onMessage(this: Mine, _: AsyncTcpConnection, data: unknown): void {
          this.seen.push(data);
          this.close();
        }
        Object.defineProperty(Mine.prototype, 'onMessage', { value: onMessage, writable: true, configurable: true });
        return Mine;
      })(),
    ],
  ])('may be %s of a subclass', async (_, Mine) => {
    const { url } = await echoServer('ws');
    const mine = new Mine(url);
    mine.send('hello');
    await new Promise<void>((resolve) => {
      mine.onClose = () => resolve();
      mine.connect();
    });
    expect(mine.seen).toEqual(['hello']);
  });
});
