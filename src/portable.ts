// Public entry `wsimd` for runtimes without node:http: all names of `src/index.ts`.

export * from './common';
export { NoReceiver as Receiver, NoSender as Sender, PerMessageDeflate, WebSocketServer } from './ws/client-only';
export { createWebSocketStream, WebSocket, WebSocket as default } from './ws/without-node';
