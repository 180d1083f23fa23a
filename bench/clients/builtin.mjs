// The WebSocket that the runtime itself has (Node 22 and later, Bun, Deno) behind the interface of traffic.mjs.

import { adapt } from './whatwg.mjs';

export const connect = adapt((url) => new WebSocket(url));
