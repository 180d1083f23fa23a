// The types of the entry for CommonJS: the class, and as a namespace all other names.

import * as names from './index.cjs';

// As @types/node has them: with a `lib` that does not know them the types of AsyncTcpConnection would be an error, with one that does
// these are the same.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}

declare module './index.cjs' {
  namespace WebSocket {
    export import WebSocket = names.WebSocket;
    export import AsyncTcpConnection = names.AsyncTcpConnection;
    export type BinaryData = names.BinaryData;
    export type BinaryDelivery = names.BinaryDelivery;
    export type CompressionOptions = names.CompressionOptions;
    export type Connect = names.Connect;
    export import connect = names.connect;
    export type ConnectionCloseEvent = names.ConnectionCloseEvent;
    export type ConnectionOptions = names.ConnectionOptions;
    export type ConnectOptions = names.ConnectOptions;
    export type Cookies = names.Cookies;
    export type DiagnosticMessages = names.DiagnosticMessages;
    export type Endpoints = names.Endpoints;
    export type ErrorKind = names.ErrorKind;
    export type EventName = names.EventName;
    export import HandshakeError = names.HandshakeError;
    export type HandshakeResponse = names.HandshakeResponse;
    export type Headers = names.Headers;
    export type HeaderValue = names.HeaderValue;
    export type MessageSink = names.MessageSink;
    export type MessagesOptions = names.MessagesOptions;
    export type MessageTarget = names.MessageTarget;
    export import overStreams = names.overStreams;
    export import PerMessageDeflate = names.PerMessageDeflate;
    export type PerMessageDeflateSetting = names.PerMessageDeflateSetting;
    export type Protocols = names.Protocols;
    export type Provider<T> = names.Provider<T>;
    export import ProxyError = names.ProxyError;
    export type ReadableSource = names.ReadableSource;
    export import Receiver = names.Receiver;
    export type ReconnectPolicy = names.ReconnectPolicy;
    export type ReconnectPolicyOption = names.ReconnectPolicyOption;
    export type SendData = names.SendData;
    export import Sender = names.Sender;
    export type SendOptions = names.SendOptions;
    export type SendQueuePolicy = names.SendQueuePolicy;
    export type SocketContext = names.SocketContext;
    export type SocketOptions = names.SocketOptions;
    export type SslContext = names.SslContext;
    export type Statistics = names.Statistics;
    export type StreamChunk = names.StreamChunk;
    export type StreamPair = names.StreamPair;
    export type StreamSource = names.StreamSource;
    export type Transport = names.Transport;
    export type TransportHandlers = names.TransportHandlers;
    export type TransportTarget = names.TransportTarget;
    export type Urls = names.Urls;
    export type WebsocketType = names.WebsocketType;
    export type WritableSink = names.WritableSink;
    export import Ws = names.Ws;
    export import WsimdError = names.WsimdError;
    export type WsimdErrorCode = names.WsimdErrorCode;
    export type ZlibSettings = names.ZlibSettings;
  }
}

import WebSocket = names.WebSocket;
export = WebSocket;
