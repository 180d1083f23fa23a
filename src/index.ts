// Public entry `wsimd`: names, nothing else.

export * from './common';
export { NoReceiver as Receiver, NoSender as Sender, PerMessageDeflate, WebSocketServer } from './ws/client-only';
export type { ClientOptions } from './ws/options';
export { createWebSocketStream } from './ws/stream';
export type {
  AddressInfo,
  CertMeta,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  EventListenerOptions,
  FinishRequestCallback,
  MessageEvent,
  PerMessageDeflateOptions,
  RawData,
  Server,
  ServerOptions,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  WebSocketEventMap,
} from './ws/types';
export { WebSocket, WebSocket as default } from './ws/websocket';
