// What the entry `wsimd` has on every runtime. Names, nothing else.

export type { BinaryData } from './base/bytes';
export { type ErrorKind, WsimdError } from './base/faults';
export { AsyncTcpConnection } from './callback/async-tcp-connection';
export type { ReconnectPolicy, ReconnectPolicyOption } from './callback/backoff';
export type { DiagnosticMessages } from './callback/diagnostics';
export type { SendData, SendOptions } from './callback/sending';
export type { Headers } from './callback/settings';
export type { Statistics } from './callback/statistics';
export { type WebsocketType, Ws } from './callback/ws';
export type { ConnectionCloseEvent } from './connection/contract';
export { HandshakeError } from './handshake/reader';
export type { HeaderValue } from './handshake/request';
export type { HandshakeResponse } from './handshake/response-parser';
export type { BinaryDelivery } from './options/checks';
export type { CompressionOptions, PerMessageDeflateSetting, ZlibSettings } from './options/per-message-deflate';
export type { Protocols, Provider } from './options/providers';
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
