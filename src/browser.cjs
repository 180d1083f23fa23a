// The entry for CommonJS in pages, where what is `main.cjs` elsewhere has no sockets to be made of. It is shipped as it stands.

const names = require('./portable.cjs');

const { default: WebSocket, ...rest } = names;
Object.assign(WebSocket, rest, { Server: names.WebSocketServer });
module.exports = WebSocket;
