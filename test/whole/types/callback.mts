// Programs of the callback API: each type that its pages promise, in a line. It is compiled, never run.

import {
  AsyncTcpConnection,
  type ConnectionCloseEvent,
  type ConnectOptions,
  connect,
  type EventName,
  type HandshakeResponse,
  type MessagesOptions,
  WsimdError,
  type WsimdErrorCode,
} from 'wsimd';

const connection = new AsyncTcpConnection('ws://example.com');

// A message, by isBinary; as programs have been written; and called by whoever replaces it.
connection.onMessage = (self, data, isBinary) => self.send(isBinary ? data.subarray(1) : data.trim());
connection.onMessage = (_self, data) => console.log(data satisfies string | Uint8Array);
connection.onMessage = (_self, data: string | Uint8Array, isBinary: boolean) => console.log(data, isBinary);
connection.onMessage = () => {};
const before = connection.onMessage;
connection.onMessage = (...rest) => before?.(...rest);
connection.onMessage = null;
// @ts-expect-error: it may be bytes.
connection.onMessage = (_self, data: string) => console.log(data);

// Listeners.
const listener = (self: AsyncTcpConnection, data: string | Uint8Array): void => console.log(self.id, data);
connection.on('message', listener).off('message', listener);
connection.on('message', (_self, data, isBinary) => console.log(isBinary ? data.byteLength : data.length));
connection.on('close', (_self, event) => console.log(event satisfies ConnectionCloseEvent));
connection.on('webSocketConnect', (_self, response) => console.log(response satisfies HandshakeResponse));
connection.on('error', (_self, code, message, cause) => console.log(code satisfies number, message.length, cause));
const event: EventName = 'bufferDrain';
connection.on(event, () => {});
// @ts-expect-error: there is no such event.
connection.on('open', () => {});

// Awaiting.
const options: MessagesOptions = { queue: 3 };
const settings: ConnectOptions = {
  reconnectPolicy: { maxRetries: 3 },
  headers: () => ({ Cookie: 'a=1' }),
  transport: 'ssl',
  ca: 'certificate',
  signal: AbortSignal.timeout(1_000),
  onMessage: (_self, data, isBinary) => console.log(isBinary ? data.byteLength : data.length),
  onClose: (self, { code }) => self.reConnect(code === 1000 ? 0 : 1),
};
// @ts-expect-error: it can only be read.
const wrong: ConnectOptions = { bytesRead: 5 };
const program = async (): Promise<void> => {
  const one: AsyncTcpConnection = await connect(new URL('ws://example.com'), settings);
  const { status }: HandshakeResponse = await one.opened;
  const seconds: number = await one.ping();
  for await (const message of one) console.log(typeof message === 'string' ? message.length : message.byteLength);
  const messages: AsyncIterableIterator<string | Uint8Array> = one.messages(options);
  const { code, willReconnect }: ConnectionCloseEvent = await one.closed;
  console.log(status, seconds, messages, code, willReconnect, wrong);
};
program().catch((error: unknown) => {
  if (!(error instanceof WsimdError)) throw error;
  const code: WsimdErrorCode = error.code;
  if (code === 'WS_ERR_CLOSED' || error.code === 'WS_ERR_NO_PONG') console.log(error.phase);
  // @ts-expect-error: there is no such code.
  if (error.code === 'WS_ERR_CLOSE') console.log(code);
});
