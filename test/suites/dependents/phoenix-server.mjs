// A server of Phoenix channels, version 2.0.0 of their serializer, for the scripts phoenix and supabase-realtime: joins, replies,
// broadcasts and heartbeats, in text and in binary messages. Supabase has two kinds of binary messages of its own, 3 and 4.

import { serve } from './echo-server.mjs';

const lengthsOf = { 0: 4, 3: 6 };

/**
 * Joins to the topic `closed:*` are refused. The event `echo` is answered with its payload, `shout` goes to all of the topic.
 * @param {unknown} joined the response to a join
 */
export async function phoenixServer(joined = {}) {
  /** @type {Map<import('ws').WebSocket, Map<string, string>>} the topics of each connection, with the reference of the join */
  const topics = new Map();
  let heartbeats = 0;

  const server = await serve((socket) => {
    const mine = new Map();
    topics.set(socket, mine);
    socket.on('close', () => topics.delete(socket));
    const reply = (joinReference, reference, topic, status, response) => {
      socket.send(JSON.stringify([joinReference, reference, topic, 'phx_reply', { status, response }]));
    };
    socket.on('message', (data, isBinary) => {
      if (isBinary) return onBinary(socket, /** @type {Buffer} */ (data));
      const [joinReference, reference, topic, event, payload] = JSON.parse(data.toString());
      if (event === 'phx_join') {
        if (topic.startsWith('closed:')) return reply(joinReference, reference, topic, 'error', { reason: 'no entry' });
        mine.set(topic, joinReference);
        return reply(joinReference, reference, topic, 'ok', joined);
      }
      if (event === 'phx_leave') mine.delete(topic);
      if (event === 'heartbeat') heartbeats += 1;
      if (event === 'shout') return toAll(topic, JSON.stringify([null, null, topic, 'shout', payload]));
      reply(joinReference, reference, topic, 'ok', event === 'echo' ? payload : {});
    });
  });

  /**
   * @param {string} topic
   * @param {string | Buffer} data
   */
  function toAll(topic, data) {
    for (const [socket, mine] of topics) if (mine.has(topic)) socket.send(data);
  }

  /**
   * @param {import('ws').WebSocket} socket
   * @param {Buffer} data
   */
  function onBinary(socket, data) {
    const [kind] = data;
    const count = lengthsOf[kind];
    const encoding = kind === 3 ? data[6] : 0;
    let offset = kind === 3 ? 7 : 1 + count;
    const lengths = data.subarray(1, kind === 3 ? 6 : 1 + count);
    const fields = [...lengths].map((length) => {
      offset += length;
      return data.subarray(offset - length, offset);
    });
    const payload = data.subarray(offset);
    if (kind === 3) {
      const [, , topic, event] = fields;
      const head = Buffer.from([4, topic.length, event.length, 0, encoding]);
      return toAll(topic.toString(), Buffer.concat([head, topic, event, payload]));
    }
    const [joinReference, reference, topic, event] = fields;
    if (event.toString() === 'shout') {
      const head = Buffer.from([2, topic.length, event.length]);
      return toAll(topic.toString(), Buffer.concat([head, topic, event, payload]));
    }
    const status = Buffer.from('ok');
    const head = Buffer.from([1, joinReference.length, reference.length, topic.length, status.length]);
    socket.send(Buffer.concat([head, joinReference, reference, topic, status, payload]));
  }

  return { ...server, heartbeats: () => heartbeats };
}
