// In a page there is no TCP: `play()` tells what each face of the package says instead, and that the codec works all the same.

import DropIn, { AsyncTcpConnection, createWebSocketStream } from 'wsimd';
import { Decoder, Encoder } from 'wsimd/framing';
import { WebSocket } from 'wsimd/web';

globalThis.play = async () => ({
  callbacks: await overCallbacks(),
  events: await overEvents(),
  dropIn: [refusal(() => new DropIn('ws://127.0.0.1:1/')), refusal(() => createWebSocketStream())],
  codec: codec(),
});

function overCallbacks() {
  return new Promise((resolve) => {
    const told = [];
    const connection = new AsyncTcpConnection('ws://127.0.0.1:1/');
    connection.onError = (_, _kind, message, cause) => told.push(['error', cause.code, message]);
    connection.onClose = (_, { code, wasClean }) => resolve([...told, ['close', code, wasClean]]);
    connection.connect();
  });
}

function overEvents() {
  return new Promise((resolve) => {
    const told = [];
    const socket = new WebSocket('ws://127.0.0.1:1/');
    socket.onerror = ({ type }) => told.push(type);
    socket.onclose = ({ type, code, wasClean }) => resolve([...told, type, code, wasClean]);
  });
}

function refusal(attempt) {
  try {
    attempt();
  } catch (error) {
    return error.message;
  }
  return 'nothing was thrown';
}

function codec() {
  const told = [];
  const decoder = new Decoder({
    role: 'server',
    onMessage: (data) => told.push(typeof data === 'string' ? data : [...data]),
    onClose: (code, reason) => told.push(code, reason),
  });
  const encoder = new Encoder({ role: 'client' });
  for (const frame of [encoder.text('안녕'), encoder.binary(Uint8Array.of(1, 2, 3)), encoder.close(1000, 'done')]) {
    for (const byte of frame) decoder.feed(Uint8Array.of(byte));
  }
  decoder.close();
  return told;
}
