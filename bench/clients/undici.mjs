// The npm package `undici` behind the interface of traffic.mjs.

import { WebSocket } from 'undici';
import { adapt } from './whatwg.mjs';

// Its types are its own, not those of the DOM, but its class is of that shape.
export const connect = adapt(
  (url) => /** @type {globalThis.WebSocket} */ (/** @type {unknown} */ (new WebSocket(url))),
);
