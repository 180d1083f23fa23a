// graphql-ws against its own server, once with each class: it is given the class of its connections, and knows only what the
// web's WebSocket has.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import * as application from 'application-ws';
import { GraphQLError, GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { check, checkGiven, end, listen, next, webClass } from './check.mjs';

await checkGiven();

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      echo: { type: GraphQLString, args: { text: { type: GraphQLString } }, resolve: (_, { text }) => text },
      wrong: {
        type: GraphQLString,
        resolve() {
          throw new GraphQLError('it went wrong', { extensions: { code: 'WRONG' } });
        },
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: GraphQLInt } },
        async *subscribe(_, { to }) {
          for (let count = 1; count <= to; count++) yield { count };
        },
      },
      endless: {
        type: GraphQLInt,
        async *subscribe() {
          try {
            for (let endless = 1; ; endless++) {
              yield { endless };
              await new Promise((resolve) => setTimeout(resolve, 2));
            }
          } finally {
            stopped();
          }
        },
      },
    },
  }),
});
let stopped = () => {};

const http = createServer();
const sockets = new WebSocketServer({ server: http });
useServer({ schema, onConnect: ({ connectionParams }) => connectionParams?.token !== 'bad' }, sockets);
const url = `ws://127.0.0.1:${await listen(http)}`;

/**
 * @param {string} name
 * @param {unknown} webSocketImpl
 * @param {(socket: import('ws').WebSocket) => void} leave how the server ends a connection to which the client shall come back
 */
async function play(name, webSocketImpl, leave) {
  const options = { url, webSocketImpl, retryAttempts: 5, retryWait: async () => {} };

  await check(`${name}: a query is answered`, async () => {
    const client = createClient(options);
    const query = 'query ($text: String) { echo(text: $text) }';
    const { value } = await client.iterate({ query, variables: { text: 'häß 🙂' } }).next();
    assert.deepEqual(value.data, { echo: 'häß 🙂' });
    await client.dispose();
  });

  await check(`${name}: a subscription gives its values and completes`, async () => {
    const client = createClient(options);
    const counts = [];
    for await (const { data } of client.iterate({ query: 'subscription { count(to: 200) }' })) counts.push(data.count);
    assert.deepEqual(
      counts,
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    await client.dispose();
  });

  await check(`${name}: an error of a resolver comes with its extensions`, async () => {
    const client = createClient(options);
    const { value } = await client.iterate({ query: '{ wrong }' }).next();
    assert.equal(value.errors[0].message, 'it went wrong');
    assert.equal(value.errors[0].extensions.code, 'WRONG');
    await client.dispose();
  });

  await check(`${name}: a query that is not valid is an error of the operation`, async () => {
    const client = createClient(options);
    const [errors] = await next((on) =>
      client.subscribe({ query: '{ nothing }' }, { next() {}, error: on, complete() {} }),
    );
    assert.match(errors[0].message, /Cannot query field "nothing"/);
    await client.dispose();
  });

  await check(`${name}: leaving a subscription tells the server`, async () => {
    const client = createClient(options);
    const over = next((on) => {
      stopped = on;
    });
    for await (const { data } of client.iterate({ query: 'subscription { endless }' })) if (data.endless === 3) break;
    await over;
    await client.dispose();
  });

  await check(`${name}: the server's close code and reason reach the client`, async () => {
    const client = createClient({ ...options, connectionParams: { token: 'bad' }, retryAttempts: 0 });
    const closed = next((on) => client.on('closed', on));
    await assert.rejects(client.iterate({ query: '{ echo(text: "x") }' }).next());
    const [event] = await closed;
    assert.equal(event.code, 4403);
    assert.equal(event.reason, 'Forbidden');
    assert.equal(event.wasClean, true);
    await client.dispose();
  });

  await check(`${name}: a subscription goes on over a new connection when the server ends the old one`, async () => {
    const client = createClient(options);
    let connections = 0;
    client.on('connected', () => {
      connections += 1;
    });
    let seen = 0;
    for await (const { data } of client.iterate({ query: 'subscription { endless }' })) {
      seen += 1;
      if (connections === 1 && data.endless === 3) sockets.clients.forEach(leave);
      if (connections === 2 && data.endless === 3) break;
    }
    assert.ok(seen >= 6);
    await client.dispose();
  });

  await check(`${name}: terminate() of the client is a close with 4499`, async () => {
    const client = createClient({ ...options, lazy: false });
    await next((on) => client.on('connected', on));
    const closed = next((on) => client.on('closed', on));
    client.terminate();
    assert.equal((await closed)[0].code, 4499);
    await client.dispose();
  });
}

await play('ws', application.WebSocket, (socket) => socket.terminate());
const web = await webClass();
// A cut is an error event here, after which graphql-ws does not try again by itself.
await play('the web class', web, (socket) => socket.close(1012, 'restarting'));
await check('without webSocketImpl it takes globalThis.WebSocket', async () => {
  globalThis.WebSocket = web;
  const client = createClient({ url });
  const { value } = await client.iterate({ query: '{ echo(text: "global") }' }).next();
  assert.deepEqual(value.data, { echo: 'global' });
  await client.dispose();
});

for (const socket of sockets.clients) socket.terminate();
http.close();
end();
