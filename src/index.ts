// Public entry `wsimd`: names, nothing else. The drop-in `WebSocket` of the npm package `ws` will join them here.

export { AsyncTcpConnection } from './async-tcp-connection';
export type { ReconnectPolicy, ReconnectPolicyOption } from './backoff';
export type { BinaryData } from './binary';
export type { CloseEvent } from './connection-events';
export type { DiagnosticMessages } from './diagnostics';
export { type ErrorKind, WsimdError } from './faults';
export { HandshakeError } from './handshake/reader';
export type { HeaderValue } from './handshake/request';
export type { HandshakeResponse } from './handshake/response-parser';
export type { BinaryDelivery } from './options';
export type { Protocols, Provider } from './providers';
export type { SendData, SendOptions } from './sending';
export type { Headers } from './settings';
export type { ConnectionOptions } from './socket-options';
export type { Statistics } from './statistics';
export type { SocketOptions } from './transport';
export { ProxyError } from './transport/negotiation';
export type { SocketContext, SslContext } from './workerman-context';
export { type WebsocketType, Ws } from './ws';
