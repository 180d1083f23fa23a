// The webSocket transport of viem against a node that answers JSON-RPC: isows, beneath it, takes ws where there is no global
// class.

import assert from 'node:assert/strict';
import { check, checkOverride, end, next } from './check.mjs';
import { ethereumNode } from './ethereum.mjs';

// Node has one from version 22 on, and isows would take it.
Reflect.deleteProperty(globalThis, 'WebSocket');
const { createPublicClient, webSocket } = await import('viem');

await checkOverride('viem', 'isows');

const node = await ethereumNode();
const address = '0x00000000000000000000000000000000000000aa';

/** A client with a connection of its own: viem keeps one for each URL. */
let clients = 0;
const connect = (options = {}) => {
  clients += 1;
  const transport = webSocket(`${node.url}/${clients}`, { retryCount: 0, keepAlive: false, ...options });
  return createPublicClient({ transport, cacheTime: 0 });
};
const close = async (client) => {
  const { socket } = await client.transport.getRpcClient();
  const closed = socket.readyState === 3 ? undefined : next((on) => socket.addEventListener('close', on));
  (await client.transport.getRpcClient()).close();
  await closed;
};

await check('calls are answered', async () => {
  const client = connect();
  assert.equal(await client.getChainId(), 1337);
  assert.equal(await client.getBlockNumber(), 16n);
  assert.equal(await client.getBalance({ address }), 10n ** 18n);
  await close(client);
});

await check('100 calls in flight together and an answer of 600 KB arrive', async () => {
  const client = connect();
  const calls = Array.from({ length: 100 }, () => client.getBlockNumber());
  assert.equal((await client.getCode({ address }))?.length, 600_002);
  assert.deepEqual(new Set(await Promise.all(calls)), new Set([16n]));
  await close(client);
});

await check('an error of the node is an error of the call', async () => {
  const client = connect();
  await assert.rejects(client.request({ method: 'eth_nothing' }), /does not exist/);
  await close(client);
});

await check('new heads come to a subscription, until it is ended', async () => {
  const client = connect();
  const [number] = await new Promise((resolve, reject) => {
    const unwatch = client.watchBlockNumber({
      onBlockNumber: (value) => {
        unwatch();
        resolve([value]);
      },
      onError: reject,
    });
    const mine = () => (node.subscribers.size > 0 ? node.mine() : setTimeout(mine, 5));
    mine();
  });
  assert.equal(number, 17n);
  await client.getChainId();
  assert.equal(node.subscribers.size, 0);
  await close(client);
});

await check('after a cut it reconnects, and calls are answered again', async () => {
  // The server has the connection before the client knows of it: until then a call fails, and is tried again.
  const client = connect({ reconnect: { delay: 20, attempts: 100 }, retryCount: 50, retryDelay: 10 });
  await client.getChainId();
  const { socket } = await client.transport.getRpcClient();
  const closed = next((on) => socket.addEventListener('close', on));
  const again = next((on) => node.sockets.once('connection', on));
  node.cut();
  await closed;
  await again;
  assert.equal(await client.getChainId(), 1337);
  await close(client);
});

await check('nobody listening is an error of the call', async () => {
  const nobody = await ethereumNode();
  await nobody.stop();
  const client = createPublicClient({ transport: webSocket(nobody.url, { retryCount: 0, reconnect: false }) });
  await assert.rejects(client.getChainId());
});

await node.stop();
end();
