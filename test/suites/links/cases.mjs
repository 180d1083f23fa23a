// What a line does, and what a heartbeat makes of it: a peer that is dead is noticed in time, one that is slow never.

import { setTimeout as delay } from 'node:timers/promises';
import { now } from './play.mjs';

/** @typedef {import('./play.mjs').Play} Play */
/**
 * @typedef {object} Case
 * @property {readonly ('loss' | 'delay')[]} [needs] what more than a slow line it needs
 * @property {(play: Play) => Promise<string | undefined>} run resolves with a note for the table
 */

/** Seconds between pings, and those in which a sign of life must come. */
const [EVERY, TIMEOUT] = [0.5, 2];
const HEARTBEAT = { websocketPingInterval: EVERY, websocketPingTimeout: TIMEOUT };

/**
 * Seconds that a machine with much to do may be late: a program whose event loop stands still has the timeout again, and signs of
 * life are looked for four times in it.
 */
const LATE = 1.25 * TIMEOUT + 3;

/** KiB a second, and bytes that take so many times the timeout on such a line. */
const SLOW = 64;
const LARGE = 4 * TIMEOUT * SLOW * 1024;

/** @param {unknown} condition @param {string} claim @returns {asserts condition} */
function expect(condition, claim) {
  if (!condition) throw new Error(claim);
}

/** @param {Play} play @param {string} text */
async function talk(play, text) {
  play.order('text', text);
  const { data } = await play.next('message');
  expect(data === text, `${data} came instead of ${text}`);
}

/** Seconds of pings and messages. @param {Play} play @param {number} seconds @returns {Promise<string>} */
async function live(play, seconds) {
  const end = now() + seconds * 1000;
  let count = 0;
  while (now() < end) {
    await play.next('pong');
    await talk(play, `message ${count}`);
    count += 1;
  }
  return `${count} messages`;
}

/** The same on a line that loses packets. @param {Play} play @param {number} seconds */
async function liveWithLoss(play, seconds) {
  const note = await live(play, seconds);
  const { lost } = play.line;
  expect(lost > 0, 'no packet was lost');
  return `${note}, ${lost} packets lost`;
}

/**
 * The end comes when it has to: not before the timeout is over, and not later than a ping's interval behind that.
 *
 * @param {Play} play
 * @param {number} since when the last sign of life could have come
 */
async function dies(play, since) {
  const { message, isDead } = await play.next('error');
  const { at, code, wasClean } = await play.next('close');
  const seconds = (at - since) / 1000;
  expect(code === 1006 && wasClean === false, `closed with ${code}`);
  expect(isDead, `the error is: ${message}`);
  // It may have come an interval earlier.
  expect(seconds > TIMEOUT - EVERY, `dead already after ${seconds.toFixed(1)} s`);
  expect(seconds < EVERY + TIMEOUT + LATE, `dead only after ${seconds.toFixed(1)} s`);
  return `dead after ${seconds.toFixed(1)} s`;
}

/** @type {Readonly<Record<string, Case>>} */
export const CASES = {
  'one packet in twenty is lost, by chance': {
    needs: ['loss'],
    async run(play) {
      play.line.lose('numgen random mod 100 < 5');
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      return liveWithLoss(play, 10);
    },
  },
  'every fifth packet is lost': {
    needs: ['loss'],
    async run(play) {
      play.line.lose('numgen inc mod 5 == 4');
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      return liveWithLoss(play, 10);
    },
  },
  'every fifth packet is lost, and the line is slow': {
    needs: ['loss'],
    async run(play) {
      play.line.slow(SLOW);
      play.line.lose('numgen inc mod 5 == 4');
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      play.order('bytes', 100_000);
      expect((await play.next('message')).data === 'got 100000', 'the message did not arrive');
      return liveWithLoss(play, 3);
    },
  },
  'packets take 300 ms, and some much longer': {
    needs: ['delay'],
    async run(play) {
      play.line.netem('delay', '300ms', '100ms');
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      return live(play, 10);
    },
  },
  'a large message comes over a slow line': {
    async run(play) {
      play.line.slow(SLOW);
      await play.open(HEARTBEAT);
      const begun = now();
      play.order('text', `send ${LARGE}`);
      const { at, data } = await play.next('message');
      expect(data === LARGE, `${data} bytes came`);
      expect(at - begun > 2 * TIMEOUT * 1000, 'the line was not slow');
      await live(play, 1);
      return `${((at - begun) / 1000).toFixed(1)} s`;
    },
  },
  'a large message goes over a slow line': {
    async run(play) {
      play.line.slow(SLOW);
      await play.open(HEARTBEAT);
      const begun = now();
      play.order('bytes', LARGE);
      const { at, data } = await play.next('message');
      expect(data === `got ${LARGE}`, `the server says: ${data}`);
      expect(at - begun > 2 * TIMEOUT * 1000, 'the line was not slow');
      await live(play, 1);
      return `${((at - begun) / 1000).toFixed(1)} s`;
    },
  },
  'large messages go and come over a slow line': {
    async run(play) {
      play.line.slow(SLOW);
      await play.open(HEARTBEAT);
      play.order('text', `send ${LARGE}`);
      play.order('bytes', LARGE);
      const both = [(await play.next('message')).data, (await play.next('message')).data];
      expect(both.includes(LARGE) && both.includes(`got ${LARGE}`), `came: ${both.join(', ')}`);
      await live(play, 1);
      return undefined;
    },
  },
  'a close waits behind a large message': {
    async run(play) {
      play.line.slow(SLOW);
      // Shorter than what the message takes, and than what the system alone takes with its part of it.
      const closeTimeout = 3 * TIMEOUT;
      await play.open({ ...HEARTBEAT, closeTimeout });
      const begun = now();
      play.order('bytes', 1.5 * LARGE);
      play.order('close');
      const { at, code, wasClean } = await play.next('close');
      expect(code === 1000 && wasClean, `closed with ${code}`);
      expect(at - begun > closeTimeout * 1000, 'the line was not slow');
      return `${((at - begun) / 1000).toFixed(1)} s`;
    },
  },
  'the link is down for less than the timeout': {
    async run(play) {
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      await live(play, 1);
      play.line.down();
      play.order('text', 'into the dark');
      await delay(2_000);
      play.line.up();
      expect((await play.next('message')).data === 'into the dark', 'another message came');
      return live(play, 1);
    },
  },
  'the link goes down for good': {
    async run(play) {
      await play.open(HEARTBEAT);
      await live(play, 1);
      play.line.down();
      return dies(play, now());
    },
  },
  'the link goes down while a large message comes': {
    async run(play) {
      play.line.slow(SLOW);
      await play.open(HEARTBEAT);
      play.order('text', `send ${LARGE}`);
      await delay(1_500 * TIMEOUT);
      play.line.down();
      return dies(play, now());
    },
  },
  'the link goes down while a large message goes': {
    async run(play) {
      play.line.slow(SLOW);
      await play.open(HEARTBEAT);
      play.order('bytes', LARGE);
      await delay(1_500 * TIMEOUT);
      play.line.down();
      return dies(play, now());
    },
  },
  'the link is down, and the policy brings the connection back when it is up': {
    async run(play) {
      const reconnectPolicy = { minDelay: 0.2, maxDelay: 0.5 };
      await play.open({ ...HEARTBEAT, connectTimeout: 2, reconnectPolicy });
      await live(play, 1);
      play.line.down();
      const note = await dies(play, now());
      play.line.up();
      for (let event; event !== 'open'; ) event = await reopened(play);
      await live(play, 1);
      return note;
    },
  },
  'the server stands still, and its system answers': {
    async run(play) {
      await play.open(HEARTBEAT);
      await live(play, 1);
      play.server?.kill('SIGSTOP');
      return dies(play, now());
    },
  },
  'the server stands still for less than the timeout': {
    async run(play) {
      await play.open({ ...HEARTBEAT, websocketPingTimeout: 8 });
      await live(play, 1);
      play.server?.kill('SIGSTOP');
      play.order('text', 'while it sleeps');
      await delay(2_000);
      play.server?.kill('SIGCONT');
      expect((await play.next('message')).data === 'while it sleeps', 'another message came');
      return live(play, 1);
    },
  },
};

/** Attempts may fail while the link comes up. @param {Play} play */
async function reopened(play) {
  try {
    return (await play.next('open')).event;
  } catch {
    return 'close';
  }
}
