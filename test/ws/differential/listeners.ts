// Event listeners as the web has them: addEventListener and the attributes, their order beside on(), and what events are made
// of.

import { BINARY, closeFrame, frame, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Stage } from './stage';

type Anything = (...values: unknown[]) => void;
type Target = Record<'addEventListener' | 'removeEventListener', Anything>;

const types = ['open', 'message', 'close', 'error'] as const;

/** A client that `prepare` gives its listeners, through a greeting of two messages and a close frame. */
export async function greeted(
  stage: Stage,
  prepare: (client: import('ws').WebSocket & Target, say: Say) => void,
): Promise<void> {
  const server = await stage.raw();
  const client = stage.connect(server.url, [], {}, ['error']);
  prepare(client as never, (what, ...values) => stage.note(client, what, ...values));
  const peer = await server.peer();
  await peer.accept();
  await new Promise((resolve) => client.once('open', resolve));
  peer.write(frame(TEXT, 'text'), frame(BINARY, 'bytes'));
  await peer.finish(1001, 'bye');
  if (client.readyState !== 3) await new Promise((resolve) => client.once('close', resolve));
}

type Say = (what: string, ...values: unknown[]) => void;

export const listeners = [
  script('events of every type', (stage) =>
    greeted(stage, (client, say) => {
      for (const type of types) client.addEventListener(type, (...values: unknown[]) => say(type, ...values));
    }),
  ),
  script('attributes of every type', (stage) =>
    greeted(stage, (client, say) => {
      for (const type of types) {
        (client as unknown as Record<string, unknown>)[`on${type}`] = (...values: unknown[]) => say(type, ...values);
      }
    }),
  ),
  script('an event of an error', async (stage) => {
    const port = await stage.closedPort();
    const client = stage.connect(`ws://127.0.0.1:${port}`);
    client.addEventListener('error', (event) => {
      stage.note(client, 'event', event);
      stage.note(client, 'error', event.error, event.message === event.error.message);
    });
    client.onclose = (event) => stage.note(client, 'event', event);
    await stage.until('event CloseEvent');
  }),
  script('an event of an error of a frame', async (stage) => {
    const { client, peer } = await stage.opened();
    client.onerror = (event) => stage.note(client, 'event', event);
    client.onclose = (event) => stage.note(client, 'event', event);
    peer.write(frame(0x83));
    await peer.rest();
    await stage.closed();
  }),
  script('whether it was clean', async (stage) => {
    for (const end of ['peer', 'client', 'terminate', 'reset', 'end'] as const) {
      const { client, peer } = await stage.opened();
      const closed = new Promise((resolve) => client.addEventListener('close', resolve));
      client.addEventListener('close', (event) => stage.note(client, end, event));
      if (end === 'peer') await peer.finish(1000);
      else if (end === 'terminate') client.terminate();
      else if (end === 'reset') peer.reset();
      else if (end === 'end') peer.socket.end();
      else {
        client.close();
        await peer.next();
        peer.write(closeFrame(1000));
        await peer.rest();
      }
      await closed;
      peer.socket.destroy();
    }
  }),
  script('this and target', (stage) =>
    greeted(stage, (client, say) => {
      client.addEventListener('open', function (this: unknown, event: { target: unknown }) {
        say('this', this === client, event.target === client);
      });
      client.onmessage = function (this: unknown, event) {
        say('this of an attribute', this === client, event.target === client);
      };
      client.on('close', function (this: unknown) {
        say('this of on', this === client);
      });
    }),
  ),
  script('an object with handleEvent', (stage) =>
    greeted(stage, (client, say) => {
      const listener = {
        handleEvent(this: unknown, event: unknown) {
          say('handleEvent', event, this === listener);
        },
      };
      for (const type of types) client.addEventListener(type, listener);
    }),
  ),
  script('handleEvent that is changed later', (stage) =>
    greeted(stage, (client, say) => {
      const listener = { handleEvent: (): void => say('first') };
      client.addEventListener('message', listener);
      client.on('open', () => {
        listener.handleEvent = () => say('second');
      });
    }),
  ),
  script('a listener that is added twice', (stage) =>
    greeted(stage, (client, say) => {
      const listener = (event: unknown): void => say('listener', event);
      client.addEventListener('message', listener);
      client.addEventListener('message', listener);
      client.addEventListener('message', listener, { once: true });
      client.addEventListener('close', listener);
      say('count', client.listenerCount('message'), client.listenerCount('close'));
    }),
  ),
  script('a listener that is called once', (stage) =>
    greeted(stage, (client, say) => {
      client.addEventListener('message', (event: unknown) => say('once', event), { once: true });
      client.addEventListener('message', (event: unknown) => say('always', event), { once: false });
      say('count', client.listenerCount('message'));
      client.on('close', () => say('count', client.listenerCount('message')));
    }),
  ),
  script('a listener that is called once, added again in itself', (stage) =>
    greeted(stage, (client, say) => {
      const listener = (event: unknown): void => {
        say('once', event);
        client.addEventListener('message', listener, { once: true });
      };
      client.addEventListener('message', listener, { once: true });
    }),
  ),
  script('a listener that is removed', (stage) =>
    greeted(stage, (client, say) => {
      const listener = (): void => say('removed');
      const once = (): void => say('removed once');
      client.addEventListener('message', listener);
      client.addEventListener('message', once, { once: true });
      client.removeEventListener('message', listener);
      client.removeEventListener('message', once);
      client.removeEventListener('message', () => {});
      client.removeEventListener('close', listener);
      say('count', client.listenerCount('message'));
    }),
  ),
  script('an object that is removed', (stage) =>
    greeted(stage, (client, say) => {
      const listener = { handleEvent: () => say('removed') };
      client.addEventListener('message', listener);
      client.removeEventListener('message', listener);
    }),
  ),
  script('a listener that removes itself and others', (stage) =>
    greeted(stage, (client, say) => {
      const third = (): void => say('third');
      const first = (): void => {
        say('first');
        client.removeEventListener('message', first);
        client.removeEventListener('message', third);
      };
      client.addEventListener('message', first);
      client.addEventListener('message', () => say('second'));
      client.addEventListener('message', third);
    }),
  ),
  script('a listener that adds another', (stage) =>
    greeted(stage, (client, say) => {
      client.addEventListener('message', () => {
        say('first');
        client.addEventListener('message', () => say('added'));
      });
    }),
  ),
  script('the order of listeners of all kinds', (stage) =>
    greeted(stage, (client, say) => {
      client.on('message', () => say('1 on'));
      client.addEventListener('message', () => say('2 listener'));
      client.onmessage = () => say('3 attribute');
      client.once('message', () => say('4 once'));
      client.prependListener('message', () => say('0 prepended'));
      client.addEventListener('message', () => say('5 listener'));
    }),
  ),
  script('an attribute that is replaced', (stage) =>
    greeted(stage, (client, say) => {
      const first = (): void => say('first');
      const second = (): void => say('second');
      say('none', client.onmessage);
      client.onmessage = first;
      client.on('message', () => say('between'));
      say('first', client.onmessage === first, client.listenerCount('message'));
      client.onmessage = second;
      say('second', client.onmessage === second, client.listenerCount('message'));
    }),
  ),
  script('an attribute that is taken back', (stage) =>
    greeted(stage, (client, say) => {
      for (const nothing of [null, undefined, 5, {}, 'text', { handleEvent: () => say('handled') }]) {
        client.onmessage = () => say('kept');
        client.onmessage = nothing as never;
        say('taken back', client.onmessage, client.listenerCount('message'));
      }
    }),
  ),
  script('an attribute and a listener of one function', (stage) =>
    greeted(stage, (client, say) => {
      const listener = (event: unknown): void => say('both', event);
      client.onmessage = listener;
      client.addEventListener('message', listener);
      say('count', client.listenerCount('message'));
      client.removeEventListener('message', listener);
      say('count', client.listenerCount('message'), client.onmessage === listener);
      client.removeEventListener('message', listener);
      say('count', client.listenerCount('message'), client.onmessage === listener);
    }),
  ),
  script('types of events that there are not', (stage) =>
    greeted(stage, (client, say) => {
      for (const type of ['ping', 'pong', 'upgrade', 'OPEN', '', 'constructor']) {
        client.addEventListener(type, () => say(type));
        say('count', type, client.listenerCount(type));
      }
    }),
  ),
  script('listeners that are none', (stage) =>
    greeted(stage, (client, say) => {
      for (const listener of [{}, { handleEvent: 5 }]) client.addEventListener('open', listener);
      say('count', client.listenerCount('open'));
      client.removeAllListeners('open');
    }),
  ),
];
