// What goes there and back. See ../cases.ts.

import type { AsyncTcpConnection } from 'wsimd';
import type { Cases } from '../cases';
import { expectSame, expectTrue, Impossible, isSame, pattern, type Stage } from '../stage';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 131_073, 1_048_576, 5_000_000];

async function echoes(
  stage: Stage,
  path: string,
  scheme: 'ws' | 'wss',
  configure: (connection: AsyncTcpConnection) => void = () => {},
): Promise<void> {
  const { connection, told } = await stage.open(
    path,
    (one) => {
      one.maxSendBufferSize = 64 * 1024 * 1024;
      configure(one);
    },
    {},
    scheme,
  );
  const messages = SIZES.flatMap((size) => [
    'é한😀 '.repeat(size / 10) + 'x'.repeat(size % 10),
    pattern(size, size + 1),
  ]);
  for (const message of messages) connection.send(message);
  await told.until('', 1 + messages.length);
  for (const [i, message] of messages.entries()) {
    const found = told.messages[i];
    if (typeof message === 'string')
      expectTrue(found === message, `text ${i} of ${message.length} units is another one`);
    else
      expectTrue(
        typeof found !== 'string' && isSame(found, message),
        `binary ${i} of ${message.length} bytes is another one`,
      );
  }
  connection.close(1000, 'done');
  await told.until('close');
  expectSame(told.lines.at(-1), 'close 1000 clean');
}

export const MESSAGES: Cases = {
  'every size, both ways': (stage: Stage) => echoes(stage, '/echo', 'ws'),

  'every size, both ways, over TLS': (stage: Stage) => echoes(stage, '/echo', 'wss'),

  async 'UTF-8: text of every kind, and text that is none'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    const texts = [
      '',
      '\u0000',
      'é',
      '한국어',
      '😀',
      '\ufeffBOM',
      'a'.repeat(31),
      'a'.repeat(33),
      'é'.repeat(5_000),
      '😀x'.repeat(40_000),
    ];
    for (const text of texts) connection.send(text);
    await told.until('text', texts.length);
    expectSame(told.messages, texts);
    const bad = await stage.open('/bad-utf8');
    await bad.told.until('close');
    expectSame(bad.told.lines, ['open', 'error WS_ERR_INVALID_UTF8', 'close 1006 WS_ERR_INVALID_UTF8']);
  },

  async 'frames that break a rule'(stage: Stage) {
    for (const [path, code] of [
      ['/masked', 'WS_ERR_UNEXPECTED_MASK'],
      ['/huge', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ] as const) {
      const { told } = await stage.open(path);
      await told.until('close');
      expectSame(told.lines, ['open', `error ${code}`, `close 1006 ${code}`]);
    }
  },

  async 'fragments, and a ping between them'(stage: Stage) {
    const { told } = await stage.open('/fragments');
    await told.until('text');
    expectSame(told.messages, ['one two three']);
  },

  async 'a ping is answered, a pong is told'(stage: Stage) {
    const { told } = await stage.open('/ping');
    await told.until('text pong are you there');
    const { connection } = await stage.open('/echo');
    const payload = await new Promise<unknown>((resolve) => {
      connection.onWebSocketPong = (_, payload) => resolve(new TextDecoder().decode(payload));
      connection.ping('mine');
    });
    expectSame(payload, 'mine');
  },

  async 'compression: every size, both ways'(stage: Stage) {
    const { connection } = stage.connection('/deflate');
    try {
      connection.perMessageDeflate = true;
    } catch (error) {
      expectSame((error as Error).name, 'TypeError');
      throw new Impossible('workerd has a zlib with the flag nodejs_compat only');
    }
    await echoes(stage, '/deflate', 'ws', (one) => {
      one.perMessageDeflate = true;
    });
    await echoes(stage, '/deflate', 'ws', (one) => {
      one.perMessageDeflate = {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        threshold: 0,
        serverMaxWindowBits: 10,
      };
    });
  },
};
