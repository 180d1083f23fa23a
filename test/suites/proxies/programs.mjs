// The real proxies: which programs they are, and with which configuration each is started.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {object} Proxy
 * @property {string} name
 * @property {'http' | 'socks5'} kind
 * @property {string} program
 * @property {string} debian its package
 * @property {string} [credentials] what it asks for, as `name:password`
 * @property {(port: number) => string} [configuration] the text of its file
 * @property {(port: number, file: string) => string[]} command
 */

/** @param {string} [credentials] */
const tinyproxy = (credentials) => (/** @type {number} */ port) =>
  `
Port ${port}
Listen 127.0.0.1
Timeout 60
MaxClients 200
LogLevel Critical
${credentials === undefined ? '' : `BasicAuth ${credentials.replace(':', ' ')}`}
`;

/** Its processes would change their user, which only root can; the one that starts it will do. */
const dante = (/** @type {number} */ port) => `
logoutput: stderr
errorlog: stderr
internal: 127.0.0.1 port = ${port}
external.protocol: ipv4 ipv6
external: lo
clientmethod: none
socksmethod: none
user.privileged: ${userInfo().username}
user.unprivileged: ${userInfo().username}
client pass { from: 127.0.0.0/8 to: 0/0 }
socks pass { from: 127.0.0.0/8 to: 0/0 command: connect }
socks pass { from: 127.0.0.0/8 to: ::/0 command: connect }
`;

const CREDENTIALS = 'user:password';

/** @type {readonly Proxy[]} */
export const PROXIES = [
  {
    name: 'tinyproxy',
    kind: 'http',
    program: 'tinyproxy',
    debian: 'tinyproxy-bin',
    configuration: tinyproxy(),
    command: (_, file) => ['-d', '-c', file],
  },
  {
    name: 'tinyproxy with a password',
    kind: 'http',
    program: 'tinyproxy',
    debian: 'tinyproxy-bin',
    credentials: CREDENTIALS,
    configuration: tinyproxy(CREDENTIALS),
    command: (_, file) => ['-d', '-c', file],
  },
  {
    name: 'microsocks',
    kind: 'socks5',
    program: 'microsocks',
    debian: 'microsocks',
    command: (port) => ['-i', '127.0.0.1', '-p', `${port}`],
  },
  {
    name: 'microsocks with a password',
    kind: 'socks5',
    program: 'microsocks',
    debian: 'microsocks',
    credentials: CREDENTIALS,
    command: (port) => ['-i', '127.0.0.1', '-p', `${port}`, '-u', 'user', '-P', 'password'],
  },
  {
    name: 'dante',
    kind: 'socks5',
    program: 'danted',
    debian: 'dante-server',
    configuration: dante,
    command: (_, file) => ['-f', file],
  },
];

/**
 * Starts a proxy on a free port of the loopback interface, and resolves when it listens.
 *
 * @param {Proxy} proxy @param {import('../../support/debian.mjs').Programs} programs @param {string} directory
 * @returns {Promise<{ port: number, stop: () => Promise<unknown> }>}
 */
export async function startProxy(proxy, { paths, environment }, directory) {
  const port = await freePort();
  const file = join(directory, `${proxy.name.replaceAll(' ', '-')}.conf`);
  writeFileSync(file, proxy.configuration?.(port) ?? '');
  const path = /** @type {string} */ (paths.get(proxy.program));
  const child = spawn(path, proxy.command(port, file), { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let isOver = false;
  const exit = new Promise((resolve) => child.once('close', resolve));
  void exit.then(() => (isOver = true));
  child.once('error', (error) => {
    output += error.message;
    isOver = true;
  });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (isOver) throw new Error(`${proxy.name} did not start: ${output.trim()}`);
    if (await listens(port)) {
      const stop = () => {
        child.kill();
        return exit;
      };
      return { port, stop };
    }
    await delay(50);
  }
  child.kill();
  throw new Error(`${proxy.name} does not listen: ${output.trim()}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {number} port @returns {Promise<boolean>} */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
