// chrome-remote-interface against a browser that is not one: it notes a command only when the callback of send() has come, so
// that an answer which comes before that callback is lost. It asks for ws 7.

import assert from 'node:assert/strict';
import CDP from 'chrome-remote-interface';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('chrome-remote-interface');

const protocol = {
  version: { major: '1', minor: '3' },
  domains: [
    {
      domain: 'Runtime',
      types: [],
      commands: [{ name: 'evaluate', parameters: [{ name: 'expression', type: 'string' }] }, { name: 'enable' }],
      events: [{ name: 'consoleAPICalled', parameters: [] }],
    },
  ],
};
const server = await serve((socket) => {
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(data.toString());
    if (params.expression === 'throw')
      socket.send(JSON.stringify({ id, error: { code: -32000, message: 'it threw' } }));
    else if (params.expression === 'leave') socket.close();
    else socket.send(JSON.stringify({ id, result: { value: params.expression ?? method } }));
    if (method === 'Runtime.enable') {
      socket.send(JSON.stringify({ method: 'Runtime.consoleAPICalled', params: { type: 'log', text: 'grüße' } }));
    }
  });
});
const connect = () => CDP({ target: `${server.url}/devtools/page/1`, protocol });

await check('commands are answered one after the other, and an event arrives', async () => {
  const client = await connect();
  for (let index = 0; index < 200; index++) {
    assert.deepEqual(await client.Runtime.evaluate({ expression: `${index}` }), { value: `${index}` });
  }
  const logged = next((on) => client.Runtime.consoleAPICalled(on));
  await client.Runtime.enable();
  assert.equal((await logged)[0].text, 'grüße');
  await client.close();
});

await check('300 commands in flight together are each answered', async () => {
  const client = await connect();
  const commands = Array.from({ length: 300 }, (_, index) => client.Runtime.evaluate({ expression: `${index}` }));
  assert.deepEqual(
    (await Promise.all(commands)).map(({ value }) => value),
    commands.map((_, index) => `${index}`),
  );
  await client.close();
});

await check('1 MiB both ways, and an error', async () => {
  const client = await connect();
  const expression = 'x'.repeat(2 ** 20);
  assert.equal((await client.Runtime.evaluate({ expression })).value, expression);
  await assert.rejects(client.Runtime.evaluate({ expression: 'throw' }), /it threw/);
  await client.close();
});

await check('a command fails whose connection the browser closes', async () => {
  const client = await connect();
  const left = next((on) => client.once('disconnect', on));
  await assert.rejects(client.Runtime.evaluate({ expression: 'leave' }), /WebSocket connection closed/);
  await left;
  await assert.rejects(client.Runtime.evaluate({ expression: '1' }), /WebSocket is not open: readyState 3 \(CLOSED\)/);
});

await check('nobody listening rejects', async () => {
  const nobody = await serve(() => {});
  await nobody.stop();
  await assert.rejects(CDP({ target: nobody.url, protocol }), { code: 'ECONNREFUSED' });
});

await server.stop();
end();
