// This library's WHATWG class behind the interface of traffic.mjs. It must not know rows or measurements.

import { WebSocket } from 'wsimd/web';
import { adapt } from './whatwg.mjs';

export const connect = adapt(
  (url, perMessageDeflate) =>
    /** @type {globalThis.WebSocket} */ (/** @type {unknown} */ (new WebSocket(url, { perMessageDeflate }))),
);
