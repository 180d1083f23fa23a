// How to provoke every fault of src/base/faults.ts: those of the frames by a stream each, those around them by a life each on a
// real socket. Both are records by the names of the faults, so that a new one without its case here does not compile.

import { expect, vi } from 'vitest';
import type * as layout from '../../assembly/layout';
import type { CONNECTION_FAULTS, ERROR_KIND } from '../../src/base/faults';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection } from '../../src/index';
import { limitBuffers } from './buffers';
import { type Callbacks, type EventLog, record } from './event-log';
import { scriptedProxy } from './proxy-servers';
import { BINARY, CLOSE, frame, RawPeer, statusOf } from './raw-peer';
import type { Role } from './reference';
import { closedPort, rawServer, wsServer } from './servers';

type FrameFault = Extract<keyof typeof layout, `FAULT_${string}`>;

interface Stream {
  readonly hex: string;
  /** Who refuses it; the client by default. */
  readonly role?: Role;
  /** What the close frame says (RFC 6455 §7.4.1); 1002, a protocol error, by default. */
  readonly status?: number;
}

/** Limits are the default ones: 10 MiB in 131,072 fragments. */
export const STREAMS: Readonly<Record<FrameFault, Stream>> = {
  FAULT_RSV1: { hex: 'c1 01 61' },
  FAULT_RSV23: { hex: 'a1 01 61' },
  FAULT_OPCODE: { hex: '83 01 61' },
  FAULT_CONTINUATION: { hex: '80 01 61' },
  FAULT_EXPECTED_CONTINUATION: { hex: '01 01 61 81 01 62' },
  FAULT_CONTROL_FRAGMENTED: { hex: '09 01 61' },
  FAULT_CONTROL_LENGTH: { hex: `89 7e 00 7e ${'61'.repeat(126)}` },
  FAULT_UNEXPECTED_MASK: { hex: '81 81 01 02 03 04 60' },
  FAULT_EXPECTED_MASK: { hex: '81 01 61', role: 'server' },
  FAULT_LENGTH_NOT_MINIMAL: { hex: `82 7e 00 7d ${'61'.repeat(125)}` },
  FAULT_LENGTH_TOP_BIT: { hex: '82 7f 80 00 00 00 00 00 00 00' },
  FAULT_MESSAGE_TOO_BIG: { hex: '82 7f 00 00 00 00 00 a0 00 01', status: 1009 },
  FAULT_TOO_MANY_FRAGMENTS: { hex: `02 00 ${'00 00 '.repeat(131_072)}`, status: 1008 },
  FAULT_UTF8: { hex: '81 02 c3 28', status: 1007 },
  FAULT_CLOSE_LENGTH: { hex: '88 01 03' },
  FAULT_CLOSE_CODE: { hex: '88 02 03 ed' },
  FAULT_CLOSE_UTF8: { hex: '88 03 03 e8 ff', status: 1007 },
};

export const bytesOf = ({ hex }: Stream): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** A life in which the fault happens, until onClose or, where the connection survives, until the error. */
type Life = () => Promise<EventLog>;

/** Against a raw server that does this after it has read the request. */
function after(
  answer: (peer: RawPeer, request: string, connection: AsyncTcpConnection) => unknown,
  set?: (connection: AsyncTcpConnection) => void,
  callbacks?: Callbacks,
): Life {
  return async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    set?.(connection);
    const log = record(connection, callbacks);
    connection.connect();
    const peer = await server.peer();
    await answer(peer, await peer.readHead(), connection);
    return log.until(({ closings }) => closings.length > 0);
  };
}

const answerWith = (text: string): Life => after((peer) => peer.socket.end(text));

/** A correct 101 with one thing replaced. */
const spoilt = (correct: string | RegExp, wrong: string): Life =>
  after((peer, request) => peer.write(Buffer.from(RawPeer.answer(request).replace(correct, wrong))));

const opened = (peer: RawPeer, request: string): void => peer.write(Buffer.from(RawPeer.answer(request)));

const compresses = (connection: AsyncTcpConnection): void => {
  connection.perMessageDeflate = true;
};

async function attempt(connection: AsyncTcpConnection): Promise<EventLog> {
  const log = record(connection);
  connection.connect();
  return log.until(({ closings }) => closings.length > 0);
}

function through(proxy: string): Promise<EventLog> {
  const connection = new AsyncTcpConnection('ws://server.test.invalid');
  connection.proxyHttp = proxy;
  return attempt(connection);
}

const proxyAnswers =
  (text: string): Life =>
  async () => {
    const proxy = await scriptedProxy(async (peer) => {
      await peer.readHead();
      peer.socket.end(text);
    });
    return through(`127.0.0.1:${proxy.port}`);
  };

/** What the callback of the `callback` scenario throws. */
export const EXCEPTION = new Error('the fault of the user');

/**
 * `internal` needs a trap in the core, which no peer can provoke: connection/trap.test.ts makes one. `unsupported` needs another
 * runtime: the contract in runtimes/ has it. `notOpen` is what the promise of `sendAsync` rejects with, and no callback is told:
 * callback/sending.test.ts; two more what that of `ping` does: callback/pings.test.ts; `closed` what `opened` does:
 * callback/awaiting.test.ts; `messageCut` is what a sink is aborted with: callback/message-start.test.ts. `closedEarly` is for
 * `wsimd/web`, whose events say why: web/error-event.test.ts.
 */
type ConnectionFault = Exclude<
  keyof typeof CONNECTION_FAULTS,
  'internal' | 'unsupported' | 'notOpen' | 'pingNotOpen' | 'noPong' | 'closed' | 'messageCut' | 'closedEarly'
>;

/** What the user is told: the kind that `onError` gets, and the code. */
export const TOLD: Readonly<Record<ConnectionFault, readonly [kind: keyof typeof ERROR_KIND, code: string]>> = {
  connect: ['CONNECT_FAIL', 'WS_ERR_CONNECT'],
  tls: ['TLS_FAIL', 'WS_ERR_TLS'],
  provider: ['CONNECT_FAIL', 'WS_ERR_PROVIDER'],
  aborted: ['ABORTED', 'WS_ERR_ABORTED'],
  connectTimeout: ['TIMEOUT', 'WS_ERR_CONNECT_TIMEOUT'],
  proxyVariable: ['PROXY_FAIL', 'WS_ERR_PROXY_VARIABLE'],
  proxyConnect: ['PROXY_FAIL', 'WS_ERR_PROXY_CONNECT'],
  proxyTls: ['PROXY_FAIL', 'WS_ERR_PROXY_TLS'],
  proxyRefused: ['PROXY_FAIL', 'WS_ERR_PROXY_REFUSED'],
  proxySyntax: ['PROXY_FAIL', 'WS_ERR_PROXY_SYNTAX'],
  proxyEnded: ['PROXY_FAIL', 'WS_ERR_PROXY_ENDED'],
  headSyntax: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_SYNTAX'],
  headSize: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_TOO_LARGE'],
  headEnded: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_ENDED'],
  handshakeStatus: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_STATUS'],
  redirect: ['HANDSHAKE_FAIL', 'WS_ERR_REDIRECT'],
  handshakeUpgrade: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_UPGRADE'],
  handshakeConnection: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_CONNECTION'],
  handshakeAccept: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_ACCEPT'],
  handshakeProtocol: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_PROTOCOL'],
  handshakeExtension: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_EXTENSION'],
  extensionAnswer: ['HANDSHAKE_FAIL', 'WS_ERR_HANDSHAKE_EXTENSION'],
  ended: ['CONNECT_FAIL', 'WS_ERR_ENDED'],
  reset: ['CONNECT_FAIL', 'WS_ERR_RESET'],
  closeTimeout: ['TIMEOUT', 'WS_ERR_CLOSE_TIMEOUT'],
  deadPeer: ['DEAD_PEER', 'WS_ERR_DEAD_PEER'],
  sendBufferFull: ['SEND_FAIL', 'WS_ERR_SEND_BUFFER_FULL'],
  sendQueueFull: ['SEND_FAIL', 'WS_ERR_SEND_QUEUE_FULL'],
  sendQueueAge: ['SEND_FAIL', 'WS_ERR_SEND_QUEUE_AGE'],
  notSent: ['SEND_FAIL', 'WS_ERR_NOT_SENT'],
  blobUnread: ['SEND_FAIL', 'WS_ERR_BLOB_UNREAD'],
  sourceFailed: ['SEND_FAIL', 'WS_ERR_SOURCE_FAILED'],
  tooManyConnections: ['CONNECT_FAIL', 'WS_ERR_TOO_MANY_CONNECTIONS'],
  callback: ['CALLBACK_EXCEPTION', 'WS_ERR_CALLBACK'],
  messageUnheld: ['PROTOCOL_ERROR', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
  inflate: ['PROTOCOL_ERROR', 'WS_ERR_INVALID_DEFLATE_DATA'],
};

export const LIVES: Readonly<Record<ConnectionFault, Life>> = {
  connect: async () => attempt(new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`)),
  tls: async () => attempt(new AsyncTcpConnection((await wsServer('wss')).url)),
  provider: async () => attempt(new AsyncTcpConnection(() => Promise.reject(new Error('no token')))),
  aborted: async () => attempt(new AsyncTcpConnection('ws://127.0.0.1:9', { signal: AbortSignal.abort() })),
  connectTimeout: after(
    () => {},
    (connection) => {
      connection.connectTimeout = 0.2;
    },
  ),
  proxyVariable: async () => {
    vi.stubEnv('http_proxy', 'ftp://127.0.0.1');
    try {
      const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
      connection.proxyFromEnvironment = true;
      return await attempt(connection);
    } finally {
      vi.unstubAllEnvs();
    }
  },
  proxyConnect: async () => through(`127.0.0.1:${await closedPort()}`),
  proxyTls: async () => through((await wsServer('wss')).url.replace('wss:', 'https:')),
  proxyRefused: proxyAnswers('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
  proxySyntax: proxyAnswers('SSH-2.0-OpenSSH_9.6\r\n'),
  proxyEnded: proxyAnswers('HTTP/1.1 200 Conn'),
  headSyntax: answerWith('SSH-2.0-OpenSSH_9.6\r\n'),
  headSize: answerWith(`HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`),
  headEnded: answerWith('HTTP/1.1 101 Swit'),
  handshakeStatus: answerWith('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  redirect: after(
    (peer) => peer.socket.end('HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/\r\n\r\n'),
    (connection) => {
      connection.followRedirects = true;
    },
  ),
  handshakeUpgrade: spoilt('Upgrade: websocket', 'Upgrade: h2c'),
  handshakeConnection: spoilt('Connection: Upgrade', 'Connection: close'),
  handshakeAccept: spoilt(/Accept: .*/, 'Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
  handshakeProtocol: spoilt('\r\n\r\n', '\r\nSec-WebSocket-Protocol: chat\r\n\r\n'),
  handshakeExtension: spoilt('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'),
  extensionAnswer: after(
    (peer, request) =>
      peer.write(Buffer.from(RawPeer.answer(request, 'Sec-WebSocket-Extensions: permessage-deflate; window=15'))),
    compresses,
  ),
  ended: after((peer, request) => peer.socket.end(RawPeer.answer(request))),
  reset: after(
    (peer, request) => {
      opened(peer, request);
      return peer.readFrame().then(() => peer.socket.resetAndDestroy());
    },
    undefined,
    { onWebSocketConnect: (connection) => connection.send('open') },
  ),
  closeTimeout: after(
    async (peer, request) => {
      opened(peer, request);
      await peer.readFrameOf(CLOSE);
    },
    (connection) => {
      connection.closeTimeout = 0.1;
    },
    { onWebSocketConnect: (connection) => connection.close() },
  ),
  deadPeer: after(opened, (connection) => {
    connection.websocketPingInterval = 0.1;
  }),
  sendBufferFull: async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1');
    connection.maxSendBufferSize = 1;
    const log = record(connection);
    connection.send('kept');
    connection.send('dropped');
    return log;
  },
  sendQueueFull: async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1');
    connection.sendQueue = { maxMessages: 1, whenFull: 'drop-oldest' };
    const log = record(connection);
    connection.send('dropped');
    connection.send('kept');
    return log;
  },
  sendQueueAge: async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1');
    connection.sendQueue = { maxAge: 0.05 };
    const log = record(connection);
    connection.send('too old');
    return log.until('error SEND_FAIL');
  },
  notSent: async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1');
    const log = record(connection);
    connection.send('never');
    connection.destroy();
    return log;
  },
  blobUnread: async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const blob = new Blob(['gone']);
    blob.arrayBuffer = () => Promise.reject(new Error('the file has changed'));
    const log = record(connection);
    connection.send(blob);
    connection.connect();
    await server.acceptedPeer();
    return log.until('error SEND_FAIL');
  },
  sourceFailed: after(
    async (peer, request) => {
      opened(peer, request);
      expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1011);
      peer.socket.end();
    },
    undefined,
    {
      onWebSocketConnect: (connection) => {
        const source = (function* () {
          yield 'begun';
          throw new Error('the disk is gone');
        })();
        connection.sendStream(source).catch(() => {});
      },
    },
  ),
  tooManyConnections: async () => {
    const decoders = Array.from({ length: 65_536 }, () => new Decoder({ role: 'client' }));
    try {
      return await after(opened)();
    } finally {
      for (const decoder of decoders) decoder.close();
    }
  },
  callback: after((peer, request) => peer.socket.end(RawPeer.answer(request)), undefined, {
    onWebSocketConnect: () => {
      throw EXCEPTION;
    },
  }),
  messageUnheld: after(
    async (peer, request) => {
      // A runtime whose largest buffer is small: to break the limits of a real one takes more memory than a test has.
      limitBuffers(100_000);
      try {
        const header = Buffer.of(BINARY, 127, 0, 0, 0, 1, 0, 0, 0, 0);
        peer.write(Buffer.from(RawPeer.answer(request)), header, Buffer.alloc(50_000));
        expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1009);
      } finally {
        vi.restoreAllMocks();
      }
      peer.socket.end();
    },
    (connection) => {
      connection.maxPackageSize = Number.MAX_SAFE_INTEGER;
    },
  ),
  inflate: after(async (peer, request) => {
    peer.write(Buffer.from(RawPeer.answer(request, 'Sec-WebSocket-Extensions: permessage-deflate')));
    peer.write(frame(0xc1, Buffer.of(0x07)));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1007);
    peer.socket.end();
  }, compresses),
};
