// reconnecting-websocket, given the class of its connections.

import reconnecting from 'reconnecting-websocket';
import { end, playBoth } from './check.mjs';
import { playReturning } from './returning.mjs';

// Its CommonJS build sets exports.default.
const Reconnecting = reconnecting.default ?? reconnecting;

await playBoth((name, Class) => playReturning(name, Reconnecting, Class));
end();
