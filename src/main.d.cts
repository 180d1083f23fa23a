// The types of the entry for CommonJS: the class, and as a namespace all other names.

import * as names from './index.cjs';

declare module './index.cjs' {
  namespace WebSocket {
    export import AsyncTcpConnection = names.AsyncTcpConnection;
    export import WebSocket = names.WebSocket;
    export import Ws = names.Ws;
    export import WsimdError = names.WsimdError;
    export import HandshakeError = names.HandshakeError;
    export import ProxyError = names.ProxyError;
  }
}

import WebSocket = names.WebSocket;
export = WebSocket;
