// Public entry `wsimd/web`: names, nothing else.

export type { CompressionOptions, PerMessageDeflateSetting, ZlibSettings } from './options/per-message-deflate';
export { type WebSocketCloseInfo, WebSocketError } from './web/closing';
export { type Configuration, configure } from './web/configuration';
export { CloseEvent, type CloseEventInit, MessageEvent } from './web/events';
export type { WebSocketInit } from './web/options';
export { type BinaryType, WebSocket, WebSocket as default } from './web/websocket';
export { type WebSocketOpenInfo, WebSocketStream, type WebSocketStreamOptions } from './web/websocket-stream';
