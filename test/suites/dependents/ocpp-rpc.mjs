// ocpp-rpc, for charge points, against its own server: it reads the events upgrade and unexpected-response, and lives on the
// texts of errors. It is installed twice, since its server needs the real ws.

import assert from 'node:assert/strict';
import { RPCClient } from 'ocpp-rpc';
import ocpp from 'ocpp-rpc-server';
import { check, checkOverride, end, next } from './check.mjs';

await checkOverride('ocpp-rpc');

const server = new ocpp.RPCServer({ protocols: ['ocpp1.6', 'ocpp2.0.1'], pingIntervalMs: 0 });
/** @type {any} */
let last;
server.auth((accept, reject, { identity, password, headers }) => {
  if (identity === 'forbidden') return reject(403, 'not you');
  accept({ password: password?.toString(), agent: headers['user-agent'] });
});
server.on('client', (client) => {
  last = client;
  client.handle('Heartbeat', ({ params }) => ({ currentTime: '2024-01-01T00:00:00Z', ...params }));
  client.handle('Fail', () => {
    throw ocpp.createRPCError('NotSupported', 'no, thank you');
  });
});
const http = await server.listen(0, '127.0.0.1');
const endpoint = `ws://127.0.0.1:${http.address().port}`;
const create = (options = {}) =>
  new RPCClient({
    endpoint,
    identity: 'CP 1',
    protocols: ['ocpp2.0.1', 'ocpp1.6'],
    backoff: { initialDelay: 20, maxDelay: 50 },
    ...options,
  });

await check('it connects with a password and the subprotocols, and has the answer to its request', async () => {
  const client = create({ password: 'ümlaut' });
  const { response } = await client.connect();
  assert.equal(response.statusCode, 101);
  assert.equal(response.headers['sec-websocket-protocol'], client.protocol);
  assert.equal(last.session.password, 'ümlaut');
  assert.match(last.session.agent, /^ocpp-rpc/);
  assert.equal(last.identity, 'CP 1');
  await client.close();
});

await check('calls go both ways, and errors have their code', async () => {
  const client = create();
  client.handle('Reset', ({ params }) => ({ status: params.type }));
  await client.connect();
  assert.deepEqual(await client.call('Heartbeat', { n: 1 }), { currentTime: '2024-01-01T00:00:00Z', n: 1 });
  assert.deepEqual(await last.call('Reset', { type: 'Soft' }), { status: 'Soft' });
  await assert.rejects(client.call('Fail', {}), { rpcErrorCode: 'NotSupported' });
  await client.close();
});

await check('a refused connection tells the status and the message of the answer', async () => {
  const client = create({ identity: 'forbidden' });
  await assert.rejects(client.connect(), ({ code, message, response }) => {
    assert.deepEqual({ code, message }, { code: 403, message: 'Forbidden' });
    assert.equal(response.statusCode, 403);
    return true;
  });
});

await check('pings go out and are answered', async () => {
  const client = create({ pingIntervalMs: 10 });
  await client.connect();
  const [{ rtt }] = await next((on) => client.once('ping', on));
  assert.ok(rtt >= 0);
  await client.close();
});

await check('close codes and reasons go both ways', async () => {
  const client = create({ reconnect: false });
  await client.connect();
  let gone = next((on) => last.once('close', on));
  assert.deepEqual(await client.close({ code: 4001, reason: 'enough ü' }), { code: 4001, reason: 'enough ü' });
  assert.deepEqual(await gone, [{ code: 4001, reason: 'enough ü' }]);
  await client.connect();
  gone = next((on) => client.once('close', on));
  await last.close({ code: 4002, reason: 'you, too' });
  assert.deepEqual(await gone, [{ code: 4002, reason: 'you, too' }]);
});

await check('after a cut it reconnects, and sends what was called meanwhile', async () => {
  const client = create();
  await client.connect();
  const away = next((on) => client.once('disconnect', on));
  await last.close({ code: 1012, force: true }).catch(() => {});
  await away;
  assert.equal((await client.call('Heartbeat', { n: 2 })).n, 2);
  await client.close();
});

await server.close();
end();
