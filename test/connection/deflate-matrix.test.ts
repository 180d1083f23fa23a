// Compressed messages of every size between this library and the npm package `ws`, over all that can be agreed: both takeovers,
// windows of 8 to 15 bits, in one frame and in several; byte-exact both ways.

import { describe, expect, it } from 'vitest';
import type { RawData, WebSocket as Socket } from 'ws';
import { WebSocket } from '../../src/index';
import { pattern } from '../support/decoders';
import { record } from '../support/event-log';
import { wsServer } from '../support/servers';

const SIZES = [0, 1, 125, 126, 1_000, 65_535, 65_536, 131_073, 1_048_576];

const record200 = (i: number): string =>
  `{"symbol":"BTCUSDT","id":${1_000_000 + i},"price":"${(30_000 + ((i * 7919) % 10_007) / 100).toFixed(2)}","side":"${i % 2 ? 'buy' : 'sell'}","name":"한국 é"}`;

/** JSON, which gains by compression and by what came before; cut to the size, in bytes. */
function jsonOf(size: number): string {
  let text = '';
  for (let i = 0; text.length < size; i += 1) text += record200(i);
  while (Buffer.byteLength(text) > size) text = text.slice(0, -Math.max(1, (Buffer.byteLength(text) - size) >> 2));
  return text + '.'.repeat(size - Buffer.byteLength(text));
}

const MESSAGES = SIZES.flatMap((size): (string | Uint8Array)[] => [jsonOf(size), pattern(size, size + 1)]);

/** Sends each message back, in one frame, and then in three. */
function echoTwice(socket: Socket): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer;
    socket.send(bytes, { binary: isBinary });
    const [first, second] = [bytes.length >> 3, bytes.length >> 1];
    socket.send(bytes.subarray(0, first), { binary: isBinary, fin: false });
    socket.send(bytes.subarray(first, second), { binary: isBinary, fin: false });
    socket.send(bytes.subarray(second), { binary: isBinary, fin: true });
  });
}

const BITS = [8, 9, 10, 11, 12, 13, 14, 15];
const CASES = BITS.flatMap((bits) =>
  [false, true].flatMap((server) => [false, true].map((client) => [bits, server, client] as const)),
);

const isSame = (a: string | Uint8Array, b: string | Uint8Array): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : Buffer.compare(a, b) === 0;

describe.each(CASES)(
  'windows of %i bits, server_no_context_takeover %s, client_no_context_takeover %s',
  (bits, server, client) => {
    const options = {
      serverMaxWindowBits: bits,
      clientMaxWindowBits: bits,
      serverNoContextTakeover: server,
      clientNoContextTakeover: client,
      threshold: 0,
    };

    it.each(SIZES.map((size, i) => [size, i] as const))('the callback API, %i bytes', async (_, i) => {
      const { client } = await startServer();
      const connection = client();
      connection.perMessageDeflate = options;
      connection.maxSendBufferSize = 64 * 1024 * 1024;
      const log = record(connection);
      connection.connect();
      await log.until('open 101');
      expect(log.response!.extensions).toContain(`server_max_window_bits=${bits}`);
      const sent = MESSAGES.slice(i * 2, i * 2 + 2).flatMap((message) => [message, message]);
      for (const message of sent) connection.send(message);
      await log.until(({ messages }) => messages.length === sent.length * 2);
      const expected = sent.flatMap((message) => [message, message]);
      expect(log.messages.map((message, place) => isSame(message, expected[place]!))).toEqual(expected.map(() => true));
      connection.close();
      await log.until('close 1000');
      expect(log.errors).toEqual([]);
    });

    it('the ws face, in fragments', async () => {
      const { url } = await startServer();
      const socket = new WebSocket(url, { perMessageDeflate: options });
      const received: (string | Uint8Array)[] = [];
      await new Promise((resolve) => socket.on('open', resolve));
      expect(socket.extensions).toBe('permessage-deflate');
      const sent = MESSAGES.filter(({ length }) => length > 2);
      const all = new Promise<void>((resolve) => {
        socket.on('message', (data, isBinary) => {
          received.push(isBinary ? (data as Buffer) : String(data));
          if (received.length === sent.length * 2) resolve();
        });
      });
      for (const message of sent) {
        const bytes = Buffer.from(message as Uint8Array);
        const binary = typeof message !== 'string';
        socket.send(bytes.subarray(0, bytes.length >> 1), { binary, fin: false });
        socket.send(bytes.subarray(bytes.length >> 1), { binary, fin: true });
      }
      await all;
      expect(received.map((message, place) => isSame(message, sent[place >> 1]!))).toEqual(received.map(() => true));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.close(1000);
      expect(await closed).toBe(1000);
    });
  },
);

async function startServer(): Promise<{
  url: string;
  client: () => ReturnType<Awaited<ReturnType<typeof wsServer>>['client']>;
}> {
  const server = await wsServer('ws', echoTwice, { perMessageDeflate: { threshold: 0 } });
  return { url: server.url, client: () => server.client() };
}
