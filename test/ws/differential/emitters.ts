// What a client has of EventEmitter: what it tells of its listeners, emit(), and the helpers of node:events.

import { on, once } from 'node:events';
import { greeted } from './listeners';
import { script } from './script';

export const emitters = [
  script('what listeners() gives', (stage) =>
    greeted(stage, (client, say) => {
      const plain = (): void => {};
      client.on('message', plain);
      client.addEventListener('message', plain);
      client.onmessage = plain;
      say(
        'listeners',
        client.listeners('message').map((one) => one === plain),
      );
      say('raw', client.rawListeners('message').length, client.eventNames());
    }),
  ),
  script('removeAllListeners', (stage) =>
    greeted(stage, (client, say) => {
      client.onmessage = () => say('attribute');
      client.addEventListener('message', () => say('listener'));
      client.removeAllListeners('message');
      say('none', client.onmessage, client.listenerCount('message'));
    }),
  ),
  script('off() does not know what addEventListener added', (stage) =>
    greeted(stage, (client, say) => {
      const listener = (event: unknown): void => say('listener', event);
      client.addEventListener('message', listener);
      client.off('message', listener);
      say('count', client.listenerCount('message'));
    }),
  ),
  script('emit() by the program', (stage) =>
    greeted(stage, (client, say) => {
      client.addEventListener('message', (event: unknown) => say('message', event));
      client.addEventListener('close', (event: unknown) => say('close', event));
      client.on('own', (...values) => say('own', ...values));
      say(
        'emitted',
        client.emit('message', Buffer.from('made up'), false),
        client.emit('own', 1, 2),
        client.emit('none'),
      );
      client.emit('message', 'a string', true);
    }),
  ),
  script('emit() of a subclass', async (stage) => {
    const { url } = await stage.ws((socket) => {
      socket.send('hello');
      socket.close(1000);
    });
    class Loud extends stage.WebSocket {
      override emit(event: string | symbol, ...values: unknown[]): boolean {
        stage.note(this, `emits ${String(event)}`, ...values);
        return super.emit(event as 'open', ...(values as []));
      }
    }
    const client = new Loud(url, { perMessageDeflate: false });
    await new Promise((resolve) => client.once('close', resolve));
  }),
  script('newListener and removeListener', (stage) =>
    greeted(stage, (client, say) => {
      client.on('newListener', (event) => say('new', event));
      client.on('removeListener', (event) => say('removed', event));
      client.onmessage = () => {};
      client.onmessage = null;
      const listener = (): void => {};
      client.addEventListener('close', listener);
      client.removeEventListener('close', listener);
      client.removeAllListeners('removeListener');
      client.removeAllListeners('newListener');
    }),
  ),
  script('once() of node:events', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(1000, 'bye'));
    const client = stage.connect(url, [], {}, []);
    await once(client, 'open');
    stage.note(client, 'close', ...(await once(client, 'close')));
    const refused = stage.connect(`ws://127.0.0.1:${await stage.closedPort()}`, [], {}, []);
    await once(refused, 'open').catch((error: Error) => stage.note(refused, 'rejected', error));
  }),
  script('an AsyncIterator of messages', async (stage) => {
    const { url } = await stage.ws((socket) => {
      for (const text of ['a', 'b', 'c']) socket.send(text);
      socket.close(1000);
    });
    const client = stage.connect(url, [], {}, []);
    for await (const values of on(client, 'message', { close: ['close'] } as never))
      stage.note(client, 'next', ...values);
  }),
];
