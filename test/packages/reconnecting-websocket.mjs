// reconnecting-websocket, given the class of its connections.

import { WebSocket } from 'application-ws';
import reconnecting from 'reconnecting-websocket';
import { checkGiven, end, skip, webClass } from './check.mjs';
import { playReturning } from './returning.mjs';

// Its CommonJS build sets exports.default.
const Reconnecting = reconnecting.default ?? reconnecting;

await checkGiven();
await playReturning('ws', Reconnecting, WebSocket);
const web = await webClass();
if (web) await playReturning('the web class', Reconnecting, web);
else skip('the web class', 'wsimd has no export ./web yet');
end();
