// The WebSocketProvider of ethers against a node that answers JSON-RPC: ethers pins an exact version of ws.

import assert from 'node:assert/strict';
import { WebSocketProvider } from 'ethers';
import { check, checkOverride, end, next } from './check.mjs';
import { ethereumNode } from './ethereum.mjs';

await checkOverride('ethers');

const node = await ethereumNode();
const address = '0x00000000000000000000000000000000000000aa';

await check('a call made before the connection is open is answered', async () => {
  const provider = new WebSocketProvider(node.url);
  assert.equal((await provider.getNetwork()).chainId, 1337n);
  assert.equal(await provider.getBlockNumber(), 16);
  await provider.destroy();
});

await check('100 calls in flight together are each answered', async () => {
  const provider = new WebSocketProvider(node.url);
  const balances = await Promise.all(
    Array.from({ length: 100 }, (_, index) => provider.send('eth_getBalance', [`0x${index}`])),
  );
  assert.equal(balances.filter((balance) => balance === '0x0').length, 1);
  assert.equal(await provider.getBalance(address), 10n ** 18n);
  await provider.destroy();
});

await check('an answer of 600 KB arrives whole', async () => {
  const provider = new WebSocketProvider(node.url);
  assert.equal((await provider.getCode(address)).length, 600_002);
  await provider.destroy();
});

await check('an error of the node is an error of the call', async () => {
  const provider = new WebSocketProvider(node.url);
  await assert.rejects(provider.call({ to: address }), { code: 'CALL_EXCEPTION' });
  await assert.rejects(provider.send('eth_nothing', []), /eth_nothing does not exist/);
  await provider.destroy();
});

await check('new blocks are events until the listener is taken off', async () => {
  const provider = new WebSocketProvider(node.url);
  const event = next((on) => provider.once('block', on));
  while (node.subscribers.size === 0) await provider.send('net_version', []);
  const mined = node.mine();
  assert.deepEqual((await event)[0], mined);
  await provider.destroy();
});

await check('a provider takes a socket, and one that the server cuts says so', async () => {
  const provider = new WebSocketProvider(node.url);
  await provider.getBlockNumber();
  const closed = next((on) => {
    provider.websocket.onclose = on;
  });
  node.cut();
  assert.equal((await closed)[0].code, 1006);
  await provider.destroy();
});

await node.stop();
end();
