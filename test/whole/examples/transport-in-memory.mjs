// A byte pipe of one's own, in its four verbs: both ends of a connection in one process, without a socket. What the client writes
// is fed to a decoder of the server's, what the server encodes is handed to the client.

import { createHash } from 'node:crypto';
import { AsyncTcpConnection } from 'wsimd';
import { Decoder, Encoder } from 'wsimd/framing';

/** @type {import('wsimd').Connect} */
const transport = (target, handlers) => {
  const encoder = new Encoder({ role: 'server' });
  const decoder = new Decoder({
    role: 'server',
    onMessage: (data) => toClient(encoder.text(`${target.hostname} heard: ${data}`)),
    onClose: (code) => {
      toClient(encoder.close(code));
      queueMicrotask(() => handlers.onEnd());
    },
  });
  let isOpen = false;
  let isClosed = false;

  /** @param {Uint8Array} bytes */
  const toClient = (bytes) => queueMicrotask(() => isClosed || handlers.onRead(bytes, bytes.length));

  /** @param {Uint8Array} bytes */
  const toServer = (bytes) => {
    if (isOpen) return decoder.feed(bytes);
    isOpen = true;
    const [, key] = /^sec-websocket-key: (.*)\r$/im.exec(new TextDecoder().decode(bytes)) ?? [];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    toClient(new TextEncoder().encode([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n')));
  };

  queueMicrotask(() => handlers.onConnect());
  return {
    endpoints: {},
    // The decoder is done with them when it returns, so the memory is free again.
    write: (bytes) => {
      toServer(bytes);
      return true;
    },
    read: () => {},
    startTls: () => {
      throw new TypeError('There is no TLS in memory.');
    },
    close: () => {
      isClosed = true;
      decoder.close();
      queueMicrotask(() => handlers.onClose());
    },
  };
};

const connection = new AsyncTcpConnection('ws://memory.invalid', { transport });
connection.onWebSocketConnect = (connection) => connection.send('hello');
connection.onMessage = (connection, data) => {
  console.log(data);
  connection.close();
};
connection.onClose = (_, { code, wasClean }) => console.log(`closed: ${code}, ${wasClean ? 'clean' : 'not clean'}`);
connection.connect();
