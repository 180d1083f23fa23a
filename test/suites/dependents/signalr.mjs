// @microsoft/signalr against a hub that speaks its JSON protocol: it negotiates over HTTP, sets headers, and asks for ws 7.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

// By require: that is the build which takes ws by itself. A global class would go before it.
Reflect.deleteProperty(globalThis, 'WebSocket');
const { HttpTransportType, HubConnectionBuilder, LogLevel } = createRequire(import.meta.url)('@microsoft/signalr');

await checkOverride('@microsoft/signalr');

const MARK = '\x1e';
/** @type {import('node:http').IncomingHttpHeaders} */
let headers = {};
const http = createServer((_, response) => {
  const transports = [{ transport: 'WebSockets', transferFormats: ['Text', 'Binary'] }];
  response.setHeader('content-type', 'application/json');
  response.setHeader('set-cookie', 'sticky=7');
  const connection = { negotiateVersion: 1, connectionId: 'a', connectionToken: 'b', availableTransports: transports };
  response.end(JSON.stringify(connection));
});
const server = await serve(
  (socket, request) => {
    headers = request.headers;
    const say = (message) => socket.send(JSON.stringify(message) + MARK);
    const onRecord = ({ protocol, type, target, invocationId, arguments: values }) => {
      if (protocol) return say({});
      if (type === 4) {
        for (let item = 1; item <= values[0]; item++) say({ type: 2, invocationId, item });
        return say({ type: 3, invocationId });
      }
      if (type !== 1) return;
      if (target === 'Echo') say({ type: 3, invocationId, result: values[0] });
      else if (target === 'Tell') say({ type: 1, target: 'told', arguments: values });
      else say({ type: 3, invocationId, error: `no method ${target}` });
    };
    socket.on('message', (data) => {
      for (const record of data.toString().split(MARK).filter(Boolean)) onRecord(JSON.parse(record));
    });
  },
  { http },
);
const create = () =>
  new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${server.port}/hub`, {
      transport: HttpTransportType.WebSockets,
      accessTokenFactory: () => 'secret',
      headers: { 'x-more': 'yes' },
    })
    .withAutomaticReconnect([10, 50, 100, 500])
    .configureLogging(LogLevel.None)
    .build();

await check('it negotiates, connects with token, cookie and headers, and calls', async () => {
  const hub = create();
  await hub.start();
  assert.equal(headers.authorization, 'Bearer secret');
  assert.equal(headers['x-more'], 'yes');
  assert.match(headers.cookie ?? '', /^sticky=7\b/);
  assert.match(headers['user-agent'] ?? '', /SignalR/);
  assert.equal(await hub.invoke('Echo', 'grüße 🙂'), 'grüße 🙂');
  await assert.rejects(hub.invoke('Nothing'), /no method Nothing/);
  await hub.stop();
});

await check('what the hub sends, and a stream of 300 values', async () => {
  const hub = create();
  const told = next((on) => hub.on('told', on));
  await hub.start();
  await hub.send('Tell', 1, { two: 2 });
  assert.deepEqual(await told, [1, { two: 2 }]);
  const items = await new Promise((resolve, reject) => {
    /** @type {number[]} */
    const all = [];
    hub.stream('Count', 300).subscribe({ next: (item) => all.push(item), complete: () => resolve(all), error: reject });
  });
  assert.deepEqual(
    items,
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  await hub.stop();
});

await check('after a cut it reconnects', async () => {
  const hub = create();
  await hub.start();
  const [reconnecting, reconnected] = [next((on) => hub.onreconnecting(on)), next((on) => hub.onreconnected(on))];
  server.cut();
  assert.match((await reconnecting)[0].message, /status code: 1006/);
  await reconnected;
  assert.equal(await hub.invoke('Echo', 'back'), 'back');
  await hub.stop();
});

await check('a hub that leaves for good closes the connection', async () => {
  const hub = create();
  await hub.start();
  const closed = next((on) => hub.onclose(on));
  for (const socket of server.sockets.clients) socket.send(JSON.stringify({ type: 7, error: 'closing time' }) + MARK);
  assert.match((await closed)[0].message, /closing time/);
});

await server.stop();
end();
