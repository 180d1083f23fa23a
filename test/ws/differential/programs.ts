// Programs in processes of their own: exceptions that nobody catches, errors that nobody listens for, and when a process ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundleOfText } from '../../support/bundle';
import { closeFrame, frame, PING, PONG, TEXT } from '../../support/raw-peer';
import type { Peer } from './peers';
import { type Script, script } from './script';
import type { Stage } from './stage';

/** Milliseconds. The short one is for a server that is silent; others have answered by then, however busy the machine is. */
const SHORT_CLOSE = 100;
const LONG_CLOSE = 20_000;

const prologueWith = (closeTimeout: number): string => `
const say = (...words) => console.log(words.join(' '));
process.on('uncaughtException', (error) => say('uncaught', error.name, error.code, error.message));
process.on('unhandledRejection', (error) => say('unhandled', error.name, error.message));
process.on('exit', (code) => say('exit', code, client.readyState));
const client = new WebSocket(process.env.ADDRESS, { perMessageDeflate: false, closeTimeout: ${closeTimeout} });
// With \`ws\`, an exception in a listener of what comes in leaves the connection as it is, for ever.
setTimeout(() => { say('given up'); client.terminate(); }, 3000).unref();
const fail = (what) => { throw new RangeError(what); };
for (const event of ['open', 'message', 'close']) {
  client.on(event, (...values) => say(event, client.readyState, ...values));
}
`;

/** Runs a program to its end; what it prints is what it tells. */
async function run(stage: Stage, source: string, address: string, closeTimeout = LONG_CLOSE): Promise<void> {
  const text = `import { WebSocket } from '${stage.implementation.name}';\n${prologueWith(closeTimeout)}\n${source}`;
  const child = spawn(process.execPath, ['--input-type=module'], {
    // What the name of `ws` is resolved from.
    cwd: new URL('../../..', import.meta.url),
    env: { ...process.env, ADDRESS: address },
  });
  child.stdin.end(bundleOfText(text));
  stage.later(() => child.kill('SIGKILL'));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => stage.told.write(line));
  }
  const [code] = await once(child, 'close');
  stage.told.write(`status ${code}`);
}

/** A program, and what its server does when it is connected. */
function program(name: string, source: string, serve: (peer: Peer) => unknown, closeTimeout?: number): Script {
  return script(name, async (stage) => {
    const server = await stage.raw();
    const ran = run(stage, source, server.url, closeTimeout);
    const peer = await server.peer();
    await peer.accept();
    await serve(peer);
    await ran;
  });
}

const greet = async (peer: Peer): Promise<void> => {
  // Behind the segment of the answer.
  peer.write(frame(PING));
  await peer.readFrameOf(PONG);
  peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
  await peer.finish(1000);
};

export const programs = [
  program('a fault that nobody listens for', '', async (peer) => {
    peer.write(frame(0x83));
    await peer.rest();
  }),
  script('a refused port that nobody listens for', async (stage) => {
    await run(stage, '', `ws://127.0.0.1:${await stage.closedPort()}`);
  }),
  script('close before it is open that nobody listens for', async (stage) => {
    const { url } = await stage.echo();
    await run(stage, 'client.close();', url);
  }),
  program('an exception in the listener of open', `client.on('open', () => fail('in open'));`, greet),
  program('an exception in the listener of a message', `client.once('message', () => fail('in message'));`, greet),
  program('an exception in every listener of a message', `client.on('message', () => fail('in message'));`, greet),
  program(
    'an exception in an event listener',
    `client.addEventListener('message', () => fail('in a listener'));`,
    greet,
  ),
  program('an exception in an attribute', `client.onmessage = () => fail('in an attribute');`, greet),
  program('an exception in the listener of close', `client.on('close', () => fail('in close'));`, greet),
  program('an exception in the listener of an error', `client.on('error', () => fail('in error'));`, async (peer) => {
    peer.write(frame(0x83));
    await peer.rest();
  }),
  program('an exception in the listener of a ping', `client.on('ping', () => fail('in ping'));`, async (peer) => {
    peer.write(frame(PING, 'p'), frame(TEXT, 'behind'));
    await peer.finish();
  }),
  program(
    'an exception in a callback of send',
    `client.on('open', () => { client.send('a', () => fail('in send')); client.send('b'); });`,
    async (peer) => {
      await peer.next();
      await peer.next();
      await peer.finish();
    },
  ),
  program(
    'a promise that is rejected in a listener',
    `client.once('message', async () => fail('in a promise'));`,
    greet,
  ),
  script('an exception in the listener of an unexpected response', async (stage) => {
    const { url } = await stage.http((_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    const source = `client.on('unexpected-response', () => { setImmediate(() => client.terminate()); fail('in a response'); });
      client.on('error', (error) => say('error', error.message));`;
    await run(stage, source, url);
  }),
  program('a process that ends with its connection', `client.on('open', () => client.close());`, async (peer) => {
    await peer.next();
    peer.write(closeFrame(1000));
    await peer.rest();
  }),
  program('a process that ends behind terminate()', `client.on('open', () => client.terminate());`, (peer) =>
    peer.rest(),
  ),
  program(
    'a process whose server does not answer a close',
    `client.on('open', () => client.close());`,
    (peer) => peer.rest(),
    SHORT_CLOSE,
  ),
  program(
    'a process that exits in the tick of a send',
    `client.on('open', () => { client.send('last words'); process.exit(3); });`,
    (peer) => peer.rest(),
  ),
  program(
    'a process that exits behind a close',
    `client.on('open', () => { client.send('bye'); client.close(1000); client.on('close', () => process.exit(0)); });`,
    async (peer) => {
      await peer.upTo(0x88);
      await peer.finish();
    },
  ),
];
