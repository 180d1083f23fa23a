// The entry for CommonJS: the class itself, as programs for the npm package `ws` require it, with all other names on it. It is
// shipped as it stands.

const names = require('./index.cjs');

const { default: WebSocket, ...rest } = names;
Object.assign(WebSocket, rest, { Server: names.WebSocketServer });
module.exports = WebSocket;
