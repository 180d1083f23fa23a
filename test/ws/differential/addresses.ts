// What a constructor makes of its arguments: forms of URLs, and what is wrong with them.

import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { script } from './script';
import type { Stage } from './stage';

/** The whole life of one connection to where `url` says. */
async function visit(stage: Stage, url: (port: string) => string | URL, options = {}): Promise<void> {
  const server = await stage.raw();
  const client = stage.connect(url(new URL(server.url).port), undefined, options);
  stage.note(client, client.url);
  const peer = await server.peer();
  const head = await peer.request();
  peer.write(Buffer.from((peer.constructor as typeof import('../../support/raw-peer').RawPeer).answer(head)));
  await stage.until('open');
  stage.note(client, client.url);
  await peer.finish();
  await stage.closed();
}

const here: LookupFunction = (_name, options, done) => {
  if (options.all) (done as (error: null, found: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

export const addresses = [
  script('a URL as a string', (stage) => visit(stage, (port) => `ws://127.0.0.1:${port}/chat?x=1&y=%20z`)),
  script('a URL object', (stage) => visit(stage, (port) => new URL(`ws://127.0.0.1:${port}/a/b`))),
  script('a URL without a path', (stage) => visit(stage, (port) => `ws://127.0.0.1:${port}`)),
  script('a query without a path', (stage) => visit(stage, (port) => `ws://127.0.0.1:${port}?room=5`)),
  script('an http: URL', (stage) => visit(stage, (port) => `http://127.0.0.1:${port}/p`)),
  script('an http: URL object, which stays as it is', async (stage) => {
    let given: URL | undefined;
    await visit(stage, (port) => (given = new URL(`http://127.0.0.1:${port}/p`)));
    stage.told.write(given!.href);
  }),
  script('upper case, spaces and dots in a URL', (stage) =>
    visit(stage, (port) => `  WS://127.0.0.1:${port}/a/../B c/./é?ü=ö  `),
  ),
  script('a name that is looked up', (stage) => visit(stage, (port) => `ws://some.example:${port}/`, { lookup: here })),
  script('a name that is not ASCII', (stage) =>
    visit(stage, (port) => `ws://bücher.example:${port}/`, { lookup: here }),
  ),
  script('an address in numbers of another base', (stage) => visit(stage, (port) => `ws://0x7f.1:${port}/`)),
  script('credentials', (stage) => visit(stage, (port) => `ws://user:pass@127.0.0.1:${port}/`)),
  script('credentials that are percent-encoded', (stage) =>
    visit(stage, (port) => `ws://us%40er:p%3Ass%C3%A9@127.0.0.1:${port}/`),
  ),
  script('a user without a password', (stage) => visit(stage, (port) => `ws://user@127.0.0.1:${port}/`)),
  script('a password without a user', (stage) => visit(stage, (port) => `ws://:pass@127.0.0.1:${port}/`)),
  script('credentials of the URL win over the option auth', (stage) =>
    visit(stage, (port) => `ws://user:pass@127.0.0.1:${port}/`, { auth: 'other:secret' }),
  ),
  script('a URL that is none', (stage) => {
    for (const url of [
      '',
      'foo',
      '/path',
      '//host/path',
      'ws://',
      'ws://[::1',
      'ws://h:99999',
      'ws:// h/',
      'ws:\\\\',
    ]) {
      stage.construct(JSON.stringify(url), url);
    }
  }),
  script('no URL at all', (stage) => {
    stage.construct('nothing');
    stage.construct('undefined', undefined);
    stage.construct('a number', 5);
    stage.construct('an object', {});
    stage.construct('true', true);
    stage.construct('an array', ['ws://127.0.0.1:1/']);
    stage.construct('an object with a text', { toString: () => 'ws://127.0.0.1:1/x' });
  }),
  script('schemes that are not for WebSockets', (stage) => {
    for (const url of ['ftp://127.0.0.1/', 'file:///tmp/x', 'mailto:a@b.example', 'wsss://127.0.0.1', 'javascript:1']) {
      stage.construct(url, url);
      stage.construct(`URL ${url}`, new URL(url));
    }
  }),
  script('a fragment', (stage) => {
    stage.construct('with a name', 'ws://127.0.0.1:1/#part');
    stage.construct('https', 'https://127.0.0.1:1/a#part');
    stage.construct('an empty one', 'ws://127.0.0.1:1/#');
  }),
  script('a socket file without a name', (stage) => {
    stage.construct('nothing', 'ws+unix:');
    stage.construct('two slashes', 'ws+unix://');
  }),
  script('the class without new', (stage) => {
    stage.attempt('call', () => (stage.WebSocket as unknown as (url: string) => void)('ws://127.0.0.1:1/'));
  }),
  script('what is refused leaves nothing behind', async (stage) => {
    const server = await stage.raw();
    stage.construct('bad version', server.url, [], { protocolVersion: 7 });
    stage.construct('bad header', server.url, [], { headers: { 'a b': 'c' } });
    const client = stage.connect(server.url);
    const peer = await server.peer();
    await peer.accept();
    await stage.until('open');
    await peer.finish();
    await once(client, 'close');
  }),
  script('an IPv6 address', async (stage) => {
    const server = await stage.raw();
    const { port } = new URL(server.url);
    const options = {
      createConnection: (given: { host: string }) => {
        stage.told.write(`host ${given.host}`);
        throw new Error('not tried');
      },
    };
    stage.construct('::1', `ws://[::1]:${port}/`, [], options);
  }),
  script('ports that are the default', (stage) => {
    for (const url of ['ws://127.0.0.1:80/', 'wss://127.0.0.1:443/', 'ws://127.0.0.1:443/', 'https://127.0.0.1/']) {
      const createConnection = (given: { host: string; port: number; defaultPort: number }): never => {
        stage.told.write(`${typeof given.port} ${given.port}, default ${given.defaultPort}`);
        throw new Error('not tried');
      };
      stage.construct(url, url, [], { createConnection });
    }
  }),
];
