// puppeteer-core against a browser that is not one: a server which answers the first commands of the DevTools protocol.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import puppeteer from 'puppeteer-core';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('puppeteer-core');

/** @type {import('node:http').IncomingHttpHeaders} */
let headers = {};
const results = {
  'Browser.getVersion': { product: 'Fake/1.0', userAgent: 'Fake ü', protocolVersion: '1.3' },
  'Target.getBrowserContexts': { browserContextIds: [] },
  'Target.createBrowserContext': { browserContextId: 'context-1' },
  'Storage.getCookies': { cookies: [{ name: 'large', value: 'x'.repeat(2 ** 20), domain: 'localhost' }] },
};
const browsers = await serve((socket, request) => {
  headers = request.headers;
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(data.toString());
    if (method === 'Storage.setCookies') {
      const error = { code: -32602, message: `no cookies like ${params.cookies[0].name}` };
      socket.send(JSON.stringify({ id, error }));
    } else socket.send(JSON.stringify({ id, result: results[method] ?? {} }));
  });
});
const redirecting = createServer();
redirecting.on('upgrade', (_, socket) => {
  socket.end(`HTTP/1.1 302 Found\r\nLocation: ${browsers.url}/devtools\r\nConnection: close\r\n\r\n`);
});
const redirects = await serve(() => {}, { http: redirecting, server: undefined, noServer: true });

const connect = (url = browsers.url, options = {}) => puppeteer.connect({ browserWSEndpoint: url, ...options });
const leave = async (browser) => {
  const left = next((on) => browser.once('disconnected', on));
  await browser.disconnect();
  await left;
};

await check('it connects, with its headers, and asks for the version', async () => {
  const browser = await connect(browsers.url, { headers: { 'x-token': 'abc' } });
  assert.equal(await browser.version(), 'Fake/1.0');
  assert.equal(await browser.userAgent(), 'Fake ü');
  assert.equal(headers['x-token'], 'abc');
  assert.match(headers['user-agent'] ?? '', /^Puppeteer 24/);
  assert.equal(headers['sec-websocket-extensions'], undefined);
  await leave(browser);
});

await check('it follows a redirect', async () => {
  const browser = await connect(redirects.url);
  assert.equal(await browser.version(), 'Fake/1.0');
  await leave(browser);
});

await check('an answer of 1 MiB, and 200 commands in flight together', async () => {
  const browser = await connect();
  const versions = Array.from({ length: 200 }, () => browser.version());
  assert.equal((await browser.cookies())[0].value.length, 2 ** 20);
  assert.deepEqual(new Set(await Promise.all(versions)), new Set(['Fake/1.0']));
  await leave(browser);
});

await check('an error of the browser is an error of the command', async () => {
  const browser = await connect();
  await assert.rejects(browser.setCookie({ name: 'bad', value: '', domain: 'x' }), /no cookies like bad/);
  await leave(browser);
});

await check('a cut is the event disconnected, and an error of what is in flight', async () => {
  const browser = await connect();
  const left = next((on) => browser.once('disconnected', on));
  const version = browser.version();
  browsers.cut();
  await assert.rejects(version);
  await left;
  assert.equal(browser.connected, false);
});

await check('nobody listening rejects connect', async () => {
  const nobody = await serve(() => {});
  await nobody.stop();
  await assert.rejects(connect(nobody.url), (event) => /ECONNREFUSED/.test(event.message));
});

await browsers.stop();
await redirects.stop();
end();
