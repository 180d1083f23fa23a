// The tour: the program of program.mjs against an echo server that is cut off in the middle. It owns the steps, their order
// and what is said about them; a step that fails is named, and the tour ends there. Lines without an arrow or a tick are the
// program's own.

/** @import { AsyncTcpConnection } from 'wsimd' */

import { fileURLToPath } from 'node:url';
import { Process } from '../runner/processes.mjs';
import { liveLine } from './live-line.mjs';
import { startProgram } from './program.mjs';
import { grouped, IN_FLIGHT, MESSAGE_BYTES, Throughput } from './throughput.mjs';
import { Witness } from './witness.mjs';

const ECHO_SERVER = fileURLToPath(new URL('echo-server.mjs', import.meta.url));
const START_SECONDS = 10;

const PING_INTERVAL = 0.5;
/** The first round trip includes code that runs for the first time. */
const HEARTBEATS = 2;
const THROUGHPUT_SECONDS = 3;
const TEXT = '안녕하세요, 웹소켓! 모든 인간은 자유롭다.';
const BYTES = Uint8Array.of(0, 1, 127, 128, 254, 255);

/** @returns {Promise<number>} the status of the process */
export async function tour() {
  const server = new Process('the echo server', [process.execPath, ECHO_SERVER], undefined, {});
  // A set, since a server that did not start is complained of twice.
  const complaints = new Set([await complaintOf(show(server)), await complaintOf(server.stop())]);
  complaints.delete('');
  for (const complaint of complaints) console.error(`\n✗ ${complaint}`);
  return complaints.size === 0 ? 0 : 1;
}

/** @param {Process} server */
async function show(server) {
  const url = `ws://127.0.0.1:${await server.readLine(START_SECONDS)}`;
  console.log(`wsimd and an echo server (the npm package ws, in a process of its own) at ${url}`);
  console.log('Lines without an arrow or a tick are printed by the callbacks of the program.');
  const connection = startProgram(url, PING_INTERVAL);
  try {
    console.log(`\nShown: ${await showSteps(connection, server)}.`);
  } finally {
    // The program's own would reconnect.
    connection.onClose = null;
    connection.destroy();
  }
}

/**
 * @param {AsyncTcpConnection} connection
 * @param {Process} server
 * @returns {Promise<string>} what was shown
 */
async function showSteps(connection, server) {
  const witness = new Witness(connection);
  // A short interval is there to be seen; it must not make a busy machine look like a dead peer.
  connection.websocketPingTimeout = 10;

  await step('Connect: the head of the response, then the echo of the program’s hello', async () => {
    await witness.next('onWebSocketConnect');
    await expectEcho(witness, 'hello');
  });

  const roundTrip = await step(
    `Heartbeat: a ping every ${PING_INTERVAL} s here, every 55 s in the program`,
    async () => {
      let milliseconds = '';
      for (let i = 0; i < HEARTBEATS; i++) {
        await witness.next('onWebSocketPong');
        milliseconds = `${((connection.latency ?? Number.NaN) * 1000).toFixed(2)} ms`;
        console.log(`← pong, round trip ${milliseconds}`);
      }
      return milliseconds;
    },
  );

  await step('Text and bytes', async () => {
    console.log(`→ text: ${TEXT}`);
    connection.send(TEXT);
    await expectEcho(witness, TEXT);
    console.log(`→ ${BYTES.length} bytes: ${BYTES}`);
    connection.send(BYTES);
    await expectEcho(witness, BYTES);
  });

  const absence = await step('Cut off: the server ends TCP without a close frame', async () => {
    server.writeLine('drop');
    const [, { code, error }] = await witness.next('onClose');
    const start = performance.now();
    console.log(`← ${code}: ${error?.message}`);
    await witness.next('onWebSocketConnect');
    const seconds = `${((performance.now() - start) / 1000).toFixed(2)} s`;
    await expectEcho(witness, 'hello');
    console.log(`✓ back after ${seconds}`);
    return seconds;
  });

  const title = `Throughput: ${grouped(IN_FLIGHT)} messages of ${MESSAGE_BYTES} bytes under way, for ${THROUGHPUT_SECONDS} s`;
  const figures = await step(title, async () => {
    const total = await new Throughput(connection).run(THROUGHPUT_SECONDS, liveLine());
    const busy = `${(total.busy * 100).toFixed(0)} %`;
    console.log(
      `✓ ${grouped(total.messages)} messages, every echo compared; this process was busy ${busy} of the time`,
    );
    return total;
  });

  await step('Closing handshake', async () => {
    console.log('→ close frame: 1000 "the tour is over"');
    connection.close(1000, 'the tour is over');
    const [, { code, reason, wasClean, error }] = await witness.next('onClose');
    if (!wasClean) throw new Error(error?.message ?? `it was not clean: ${code}`);
    connection.cancelReconnect();
    console.log(`← close frame: ${code} "${reason}"`);
    console.log('✓ clean, and the reconnect called off');
  });

  return [
    `handshake, heartbeat (${roundTrip}), text and bytes, reconnect (${absence}),`,
    `${grouped(figures.messagesPerSecond)} messages/s at ${figures.cpuPerMessage.toFixed(2)} µs of CPU, closing handshake`,
  ].join('\n       ');
}

let steps = 0;

/**
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
async function step(title, action) {
  steps++;
  console.group(`\n${steps}. ${title}`);
  try {
    return await action();
  } catch (error) {
    throw new Error(`Step ${steps} failed: ${/** @type {Error} */ (error).message}`, { cause: error });
  } finally {
    console.groupEnd();
  }
}

/**
 * @param {Witness} witness
 * @param {string | Uint8Array} sent
 */
async function expectEcho(witness, sent) {
  const [, echo] = await witness.next('onMessage');
  const isSame =
    typeof sent === 'string' ? echo === sent : echo instanceof Uint8Array && Buffer.compare(echo, sent) === 0;
  if (!isSame) throw new Error('the echo differs from what was sent.');
  console.log('✓ the echo is what was sent');
}

/**
 * @param {Promise<void>} work
 * @returns {Promise<string>} what went wrong; empty when nothing did
 */
async function complaintOf(work) {
  try {
    await work;
    return '';
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}
