// The WHATWG face as the global class that programs of the web expect: they know `globalThis.WebSocket`, and nothing of us. Each
// runs in a process of its own.

import { expect, test } from 'vitest';
import { ChildProgram } from '../support/child-program';
import { echoServer, wsServer } from '../support/servers';
import { isControl } from '../support/web-classes';

const ENTRY = isControl ? 'undici' : 'wsimd/web';

/** What a program writes that runs with the class as a global, and is over by itself. */
async function outputOf(program: string): Promise<string> {
  const child = new ChildProgram(`
    const entry = await import('${ENTRY}');
    for (const name of ['CloseEvent', 'MessageEvent', 'WebSocket']) globalThis[name] = entry[name];
    ${program}
  `);
  expect(await child.exit, child.output).toBe(0);
  return child.output.trim();
}

test('a program of the web asks, is answered and ends', async () => {
  const server = await echoServer('ws');
  const output = await outputOf(`
    const socket = new globalThis.WebSocket('${server.url}');
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => { socket.send('text'); socket.send(new Uint8Array([1, 2])); };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') console.log(data);
      else { console.log([...new Uint8Array(data)].join()); socket.close(1000, 'done'); }
    };
    socket.onclose = (event) => console.log(event instanceof CloseEvent, event.code, event.wasClean, socket.readyState === WebSocket.CLOSED);
  `);
  expect(output.split('\n')).toEqual(['text', '1,2', 'true 1000 true true']);
});

test('a program that feels for features finds them', async () => {
  const output = await outputOf(`
    const { WebSocket } = globalThis;
    console.log([
      'WebSocket' in globalThis, typeof WebSocket, 'binaryType' in WebSocket.prototype, WebSocket.prototype.send.length,
      'CLOSING' in WebSocket.prototype, WebSocket.OPEN === 1, Object.prototype.toString.call(WebSocket.prototype),
      WebSocket.prototype instanceof EventTarget,
    ].join());
  `);
  expect(output).toBe('true,function,true,1,true,true,[object WebSocket],true');
});

/** As a library would write it that comes back by itself: of our own words, with nothing but the global. */
const COMES_BACK = `
  class Connection extends EventTarget {
    attempts = 0;
    constructor(url) { super(); this.url = url; this.connect(); }
    connect() {
      this.attempts += 1;
      this.socket = new WebSocket(this.url, ['chat']);
      for (const type of ['open', 'message', 'close', 'error']) this.socket.addEventListener(type, this);
    }
    handleEvent(event) {
      if (event.type === 'message') this.dispatchEvent(new MessageEvent('message', { data: event.data }));
      if (event.type === 'close' && event.code !== 1000) this.connect();
      if (event.type === 'close' && event.code === 1000) this.dispatchEvent(new CloseEvent('close', event));
    }
  }
`;

test('a library that connects again, and passes events on, does so', async () => {
  let count = 0;
  const server = await wsServer(
    'ws',
    (socket) => {
      count += 1;
      if (count < 3) socket.close(4000, 'again');
      else {
        socket.send(`message ${socket.protocol}`);
        socket.close(1000, 'enough');
      }
    },
    { handleProtocols: () => 'chat' },
  );
  const output = await outputOf(`
    ${COMES_BACK}
    const connection = new Connection('${server.url}');
    connection.addEventListener('message', ({ data }) => console.log(data));
    connection.addEventListener('close', ({ code, reason, wasClean }) => console.log(connection.attempts, code, reason, wasClean));
  `);
  expect(output.split('\n')).toEqual(['message chat', '3 1000 enough true']);
});

test('an async iterator over messages, made of events, sees all of them', async () => {
  const server = await wsServer('ws', (socket) => {
    for (let i = 0; i < 20; i += 1) socket.send(`${i}`);
    socket.close(1000);
  });
  const output = await outputOf(`
    async function* messages(socket) {
      const waiting = [];
      let wake = () => {};
      let isOver = false;
      socket.addEventListener('message', ({ data }) => { waiting.push(data); wake(); });
      socket.addEventListener('close', () => { isOver = true; wake(); });
      while (!isOver || waiting.length > 0) {
        if (waiting.length === 0) await new Promise((resolve) => { wake = resolve; });
        else yield waiting.shift();
      }
    }
    const all = [];
    for await (const data of messages(new WebSocket('${server.url}'))) all.push(data);
    console.log(all.join());
  `);
  expect(output).toBe(Array.from({ length: 20 }, (_, i) => i).join());
});

test('two versions of the class, ours and that of the runtime, do not meet', async () => {
  const server = await echoServer('ws');
  const output = await outputOf(`
    const other = await import('${isControl ? 'wsimd/web' : 'undici'}');
    const [one, two] = [new WebSocket('${server.url}'), new other.WebSocket('${server.url}')];
    const open = (socket) => new Promise((resolve) => { socket.onopen = resolve; });
    await Promise.all([open(one), open(two)]);
    console.log(one instanceof other.WebSocket, two instanceof WebSocket);
    for (const [getter, stranger] of [[WebSocket, two], [other.WebSocket, one]]) {
      try { Object.getOwnPropertyDescriptor(getter.prototype, 'url').get.call(stranger); } catch (error) { console.log(error.name); }
    }
    one.close(); two.close();
  `);
  expect(output.split('\n')).toEqual(['false false', 'TypeError', 'TypeError']);
});
