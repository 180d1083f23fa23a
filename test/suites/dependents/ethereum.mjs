// A node of Ethereum as far as the clients of the scripts ethers and viem ask: JSON-RPC with subscriptions, no chain.

import { serve } from './echo-server.mjs';

/** A node at block 16; `mine` tells all who have subscribed to new heads that there is another. */
export async function ethereumNode() {
  let block = 16;
  let subscriptions = 0;
  /** @type {Map<string, import('ws').WebSocket>} */
  const subscribers = new Map();
  const hex = (value) => `0x${value.toString(16)}`;
  const word = (value) => `0x${value.toString(16).padStart(64, '0')}`;
  const head = () => ({
    number: hex(block),
    hash: word(block),
    parentHash: word(block - 1),
    timestamp: hex(1_700_000_000 + block),
    nonce: '0x0000000000000000',
    difficulty: '0x0',
    gasLimit: '0x1c9c380',
    gasUsed: '0x0',
    miner: '0x0000000000000000000000000000000000000000',
    extraData: '0x',
    baseFeePerGas: '0x7',
    logsBloom: `0x${'0'.repeat(512)}`,
    transactionsRoot: word(1),
    stateRoot: word(2),
    receiptsRoot: word(3),
    sha3Uncles: word(4),
    size: '0x100',
    transactions: [],
    uncles: [],
  });

  const server = await serve((socket) => {
    const methods = {
      eth_chainId: () => '0x539',
      net_version: () => '1337',
      eth_blockNumber: () => hex(block),
      eth_getBalance: ([address]) => (BigInt(address) === 0n ? '0x0' : '0xde0b6b3a7640000'),
      eth_getBlockByNumber: head,
      eth_getCode: () => `0x${'60'.repeat(300_000)}`,
      eth_call: () => {
        throw { code: 3, message: 'execution reverted', data: '0x' };
      },
      eth_subscribe: () => {
        subscriptions += 1;
        subscribers.set(hex(subscriptions), socket);
        return hex(subscriptions);
      },
      eth_unsubscribe: ([id]) => subscribers.delete(id),
    };
    const answer = ({ id, method, params }) => {
      try {
        if (!(method in methods)) throw { code: -32601, message: `the method ${method} does not exist` };
        return { jsonrpc: '2.0', id, result: methods[method](params) };
      } catch (error) {
        return { jsonrpc: '2.0', id, error };
      }
    };
    socket.on('message', (data) => {
      const request = JSON.parse(data.toString());
      socket.send(JSON.stringify(Array.isArray(request) ? request.map(answer) : answer(request)));
    });
  });
  return {
    ...server,
    subscribers,
    mine() {
      block += 1;
      for (const [subscription, socket] of subscribers) {
        const params = { subscription, result: head() };
        socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }));
      }
      return block;
    },
  };
}
