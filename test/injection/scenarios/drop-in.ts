// Scenarios of the drop-in for `ws`, over a Duplex of a user's. They do not know what is injected into them.

import type { Kind } from '../calls';
import { DropInLine } from '../drop-in-line';
import type { Message } from '../messages';
import type { Scenario } from '../play';
import { BURST, chat, haul, MIDDLE_BYTES, opened } from '../talk';
import { CountedBlob } from './callback-large';

/** Calls of a user's stream, by the library and by node:http. */
const STREAMS: readonly Kind[] = ['stream', 'http'];

/** node:http needs a few turns for the handshake. */
const HANDSHAKE = 6;

export const dropInPlain: Scenario = {
  name: 'ws, plain, listeners of the emitter',
  throwsUncaught: true,
  printableOnly: STREAMS,
  async play(stage) {
    const { modules, calls } = stage;
    const line = await opened(stage, new DropInLine(modules, 'subject', { compression: 'none', calls }));
    await stage.turns(HANDSHAKE);
    await chat(stage, line);
    line.close();
    await stage.turns(4);
  },
};

export const dropInContext: Scenario = {
  name: 'ws, compressed, listeners of the event target',
  throwsUncaught: true,
  printableOnly: STREAMS,
  async play(stage) {
    const { modules, calls } = stage;
    const options = { compression: 'context', listens: 'target', calls } as const;
    const line = await opened(stage, new DropInLine(modules, 'subject', options));
    await stage.turns(HANDSHAKE);
    await chat(stage, line);
    await chat(stage, line);
  },
};

export const dropInSending: Scenario = {
  name: 'ws, callbacks of send, masks, fragments, Blobs',
  throwsUncaught: true,
  printableOnly: STREAMS,
  async play(stage) {
    const { modules, calls } = stage;
    const generateMask = (mask: Buffer): void => {
      calls.out('mask');
      mask.fill(0x5a);
    };
    const done = (): void => calls.out('callback');
    const options = { compression: 'context', more: { generateMask }, calls } as const;
    const line = await opened(stage, new DropInLine(modules, 'subject', options));
    await stage.turns(HANDSHAKE);
    const { socket } = line;
    const withdraw = (message: Message): void => line.toServer.withdraw(message);
    for (let round = 0; round < 2; round += 1) {
      line.send(40, false, ({ bytes }) => socket?.send(bytes.toString(), done));
      line.send(MIDDLE_BYTES, true, (message) => socket?.send(new CountedBlob(calls, message, withdraw), done));
      line.send(MIDDLE_BYTES, true, ({ bytes }) => {
        const first = { fin: false };
        socket?.send(bytes.subarray(0, 100), first, done);
        socket?.send(bytes.subarray(100), done);
      });
      if (socket?.readyState === 1) socket.ping('hello', true, done);
      stage.during();
      await stage.turns(3);
    }
    await chat(stage, line);
  },
};

export const dropInStream: Scenario = {
  name: 'ws, as a stream of Node',
  throwsUncaught: true,
  printableOnly: STREAMS,
  async play(stage) {
    const { modules, calls } = stage;
    const options = { compression: 'none', listens: 'stream', calls } as const;
    const line = await opened(stage, new DropInLine(modules, 'subject', options));
    await stage.turns(HANDSHAKE);
    await chat(stage, line);
    await haul(stage, line);
  },
};

export const dropInPatient: Scenario = {
  name: 'ws, a turn for each event, and the pipe breaks',
  throwsUncaught: true,
  printableOnly: STREAMS,
  async play(stage) {
    const { modules, calls } = stage;
    const options = { compression: 'none', more: { allowSynchronousEvents: false }, calls } as const;
    const line = await opened(stage, new DropInLine(modules, 'subject', options));
    await stage.turns(HANDSHAKE);
    line.deliver(BURST, 20, false);
    await stage.turns(4);
    line.deliver(3, 20, true);
    line.isEndExpected = true;
    await stage.turns(1);
    line.pipe.stream.destroy();
    await stage.turns(8);
  },
};
