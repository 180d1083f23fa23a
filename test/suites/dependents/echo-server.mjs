// A WebSocket server on the real ws, on a free port of this machine, whose answers are the script's to say.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen } from './check.mjs';

/**
 * @param {(socket: import('ws').WebSocket, request: import('node:http').IncomingMessage) => void} onConnection
 * @param {{ http?: import('node:http').Server, secure?: boolean } & import('ws').ServerOptions} [options]
 */
export async function serve(onConnection, { http = createServer(), secure = false, ...more } = {}) {
  const sockets = new WebSocketServer({ server: http, ...more });
  sockets.on('connection', onConnection);
  const port = await listen(http);
  return {
    port,
    url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}`,
    sockets,
    /** Cuts all connections; new ones are accepted. */
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
    stop() {
      for (const socket of sockets.clients) socket.terminate();
      return new Promise((resolve) => http.close(resolve));
    },
  };
}
