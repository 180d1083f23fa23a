// What the entry `wsimd` has on every runtime. Names, nothing else.

export type { BinaryData } from './base/bytes';
export { type ErrorKind, WsimdError, type WsimdErrorCode } from './base/faults';
export { AsyncTcpConnection, type DiagnosticMessages } from './callback/async-tcp-connection';
export type { ReconnectPolicy, ReconnectPolicyOption } from './callback/backoff';
export type { ConnectionCloseEvent } from './callback/close-event';
export { type ConnectOptions, connect } from './callback/connect';
export type { Cookies } from './callback/cookies';
export type { EventName } from './callback/listeners';
export type { MessagesOptions } from './callback/message-queue';
export type { MessageSink, MessageTarget, WritableSink } from './callback/message-target';
export type { SendQueuePolicy } from './callback/offline-queue';
export type { Protocols, Provider } from './callback/providers';
export type { Urls } from './callback/round';
export type { SendData, SendOptions } from './callback/sending';
export type { Headers } from './callback/settings';
export type { ReadableSource, StreamChunk, StreamSource } from './callback/stream-source';
export { type Statistics, type WebsocketType, Ws } from './callback/workerman';
export { HandshakeError } from './handshake/reader';
export type { HeaderValue } from './handshake/request';
export type { HandshakeResponse } from './handshake/response-parser';
export type { BinaryDelivery } from './options/checks';
export type { CompressionOptions, PerMessageDeflateSetting, ZlibSettings } from './options/per-message-deflate';
export type { ConnectionOptions } from './options/socket-options';
export type { SocketContext, SslContext } from './options/workerman-context';
export type {
  Connect,
  Endpoints,
  SocketOptions,
  Transport,
  TransportHandlers,
  TransportTarget,
} from './transport/contract';
export { ProxyError } from './transport/proxy/negotiation';
export { overStreams, type StreamPair } from './transport/streams';
