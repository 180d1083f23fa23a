// Scenarios of `AsyncTcpConnection` with messages of a common size. They do not know what is injected into them.

import { CallbackLine, type LineOptions } from '../lines';
import type { Scenario, Stage } from '../play';
import { chat, opened } from '../talk';
import { subscribed } from './watchers';

function callbackLine({ modules, calls }: Stage, options: Omit<LineOptions, 'calls'>): CallbackLine {
  const line = new CallbackLine(modules, 'subject', { ...options, calls });
  line.hearErrors();
  return line;
}

export const callbackPlain: Scenario = {
  name: 'callback, plain, without onError',
  async play(stage) {
    const { modules, calls } = stage;
    const line = await opened(stage, new CallbackLine(modules, 'subject', { compression: 'none', calls }));
    await chat(stage, line);
    line.connection.cork(() => {
      line.send(20, true);
      line.send(20, false);
    });
    line.close();
    await stage.turns(4);
  },
};

export const callbackContext: Scenario = {
  name: 'callback, compressed with context',
  async play(stage) {
    const line = await opened(stage, callbackLine(stage, { compression: 'context', holdsEvery: 3 }));
    await chat(stage, line);
    await chat(stage, line);
  },
};

export const callbackAlone: Scenario = {
  name: 'callback, compressed without context, watched by channels',
  async play(stage) {
    await subscribed(stage, async () => {
      const line = await opened(stage, callbackLine(stage, { compression: 'alone', reading: 'early' }));
      await chat(stage, line);
      line.pipe.deliver(line.pipe.peer.ping('are you there'));
      line.connection.ping('and you');
      await stage.turns(1);
      line.close();
      await stage.turns(4);
    });
  },
};

export const callbackBorrowed: Scenario = {
  name: 'callback, bytes on loan, paused now and then',
  async play(stage) {
    const line = callbackLine(stage, { compression: 'none', holdsEvery: 2 });
    line.connection.binaryDelivery = 'borrow';
    line.connection.onWebSocketPing = (connection, payload) => {
      stage.calls.out('callback');
      connection.pong(payload);
    };
    await opened(stage, line);
    const { onReceived } = line;
    line.onReceived = (message, count) => {
      onReceived?.(message, count);
      if (count % 5 === 0) line.connection.pauseRecv();
    };
    for (let round = 0; round < 3; round += 1) {
      await chat(stage, line);
      line.pipe.deliver(line.pipe.peer.ping(`round ${round}`));
      for (let times = 0; times < 6; times += 1) {
        line.connection.resumeRecv();
        await stage.turns(1);
      }
    }
  },
};

export const callbackPlatform: Scenario = {
  name: 'callback, the platform’s timers and random numbers',
  kinds: ['timer', 'random', 'console'],
  async play(stage) {
    const line = callbackLine(stage, { compression: 'context' });
    exhaustKeys(stage);
    await opened(stage, line);
    exhaustKeys(stage);
    await chat(stage, line);
    line.close();
    await stage.turns(4);
  },
};

/** Masking keys are made many at a time (src/codec/memory.ts): the next frame but few makes the next ones. */
function exhaustKeys({ modules, calls }: Stage): void {
  const encoder = new modules.framing.Encoder({ role: 'client' });
  const { crypto } = globalThis;
  const counted = crypto.getRandomValues;
  let isNew = false;
  calls.aside(() => {
    crypto.getRandomValues = ((bytes: Uint8Array<ArrayBuffer>) => {
      isNew = true;
      return counted.call(crypto, bytes);
    }) as typeof crypto.getRandomValues;
    try {
      // 4,096 of them at a time; a library that makes them one by one is done at once.
      for (let left = 5_000; left > 0 && !isNew; left -= 1) encoder.ping();
      if (isNew) for (let left = 4_096 - 3; left > 0; left -= 1) encoder.ping();
    } finally {
      crypto.getRandomValues = counted;
    }
  });
}
