// Subprotocols: how they are asked for, and what a server may answer.

import { RawPeer } from '../../support/raw-peer';
import { script } from './script';
import type { Stage } from './stage';

/** Asks in this way, and gets that answer. */
async function ask(stage: Stage, given: unknown[], ...answer: string[]): Promise<void> {
  const server = await stage.raw();
  const client = stage.watch(new (stage.WebSocket as unknown as AnyClass)(server.url, ...given));
  const peer = await server.peer();
  const head = await peer.request();
  stage.note(client, client.protocol);
  peer.write(Buffer.from(RawPeer.answer(head, ...answer)));
  await Promise.race([stage.until('OPEN open'), stage.until('CLOSED close')]);
  stage.note(client, client.protocol);
  if (client.readyState === 1) await peer.finish();
  else await peer.rest();
  await stage.closed();
  stage.note(client, client.protocol);
}

type AnyClass = new (...values: unknown[]) => import('ws').WebSocket;
const plain = { perMessageDeflate: false };
const chosen = (name: string): string => `Sec-WebSocket-Protocol: ${name}`;

export const protocols = [
  script('no subprotocol', (stage) => ask(stage, [[], plain])),
  script('one subprotocol as a string', (stage) => ask(stage, ['chat', plain], chosen('chat'))),
  script('a list of subprotocols', (stage) => ask(stage, [['v1', 'v2', 'v3'], plain], chosen('v2'))),
  script('options in the place of subprotocols', (stage) => ask(stage, [plain])),
  script('subprotocols among the options', (stage) => ask(stage, [{ ...plain, protocols: ['a', 'b'] }], chosen('b'))),
  script('one subprotocol among the options', (stage) => ask(stage, [{ ...plain, protocols: 'a' }], chosen('a'))),
  script('subprotocols among the options behind an undefined argument', (stage) =>
    ask(stage, [undefined, { ...plain, protocols: ['a'] }], chosen('a')),
  ),
  script('the argument wins over the option', (stage) =>
    ask(stage, ['x', { ...plain, protocols: ['a'] }], chosen('x')),
  ),
  script('an empty list wins over the option', (stage) => ask(stage, [[], { ...plain, protocols: ['a'] }])),
  script('every character that a subprotocol may have', (stage) =>
    ask(stage, ["!#$%&'*+-.0129AZ^_`|az~", plain], chosen("!#$%&'*+-.0129AZ^_`|az~")),
  ),
  script('a server that chooses none', (stage) => ask(stage, ['chat', plain])),
  script('a server that chooses another', (stage) => ask(stage, ['chat', plain], chosen('superchat'))),
  script('a server that chooses two', (stage) => ask(stage, [['a', 'b'], plain], chosen('a, b'))),
  script('a server that chooses twice', (stage) => ask(stage, [['a', 'b'], plain], chosen('a'), chosen('b'))),
  script('a server that chooses though none was asked for', (stage) => ask(stage, [[], plain], chosen('chat'))),
  script('a server that chooses the empty one', (stage) => ask(stage, ['chat', plain], chosen(''))),
  script('a server that chooses the empty one though none was asked for', (stage) =>
    ask(stage, [[], plain], chosen('')),
  ),
  script('a subprotocol in other letters', (stage) => ask(stage, ['chat', plain], chosen('CHAT'))),
  script('spaces around the chosen one', (stage) => ask(stage, ['chat', plain], chosen('  chat  '))),
  script('subprotocols that are none', async (stage) => {
    for (const one of ['', ' ', 'a b', 'a,b', 'a;b', 'é', 'a"', '(a)', 'a\r\n', 'a/b', 'a@b', '\u{1f600}']) {
      stage.construct(JSON.stringify(one), 'ws://127.0.0.1:1/', one);
      stage.construct(`a list of ${JSON.stringify(one)}`, 'ws://127.0.0.1:1/', ['ok', one]);
    }
  }),
  script('subprotocols that are no strings', (stage) => {
    for (const one of [null, 5, true, Symbol('s'), [5], [null], [undefined], [['a']], [{}]]) {
      stage.construct(String(typeof one === 'symbol' ? 'a symbol' : JSON.stringify(one)), 'ws://127.0.0.1:1/', one);
    }
    stage.construct('a function', 'ws://127.0.0.1:1/', () => 'a');
    stage.construct('null among the options', 'ws://127.0.0.1:1/', { protocols: null });
    stage.construct('a number among the options', 'ws://127.0.0.1:1/', { protocols: 5 });
  }),
  script('a subprotocol that is there twice', (stage) => {
    stage.construct('twice', 'ws://127.0.0.1:1/', ['a', 'b', 'a']);
    stage.construct('in other letters', 'ws://127.0.0.1:1/', ['a', 'A']);
  }),
  script('a ws server that chooses the first', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(1000, socket.protocol));
    const client = stage.connect(url, ['one', 'two']);
    await stage.closed();
    stage.note(client, client.protocol);
  }),
  script('a ws server that chooses by a function', async (stage) => {
    const handleProtocols = (offered: Set<string>): string | false => [...offered].at(-1) ?? false;
    const { url } = await stage.ws((socket) => socket.close(1000, socket.protocol), { handleProtocols });
    stage.connect(url, ['one', 'two']);
    await stage.closed();
  }),
  script('a ws server that refuses all', async (stage) => {
    const { url } = await stage.ws(() => {}, { handleProtocols: () => false });
    stage.connect(url, ['one', 'two']);
    await stage.closed();
  }),
];
