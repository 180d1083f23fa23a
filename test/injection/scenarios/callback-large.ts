// Scenarios of `AsyncTcpConnection` with what does not leave at once: messages larger than a block, long ones that are compressed
// in turns, Blobs, promises; and one connection piped to another.

import type { Calls } from '../calls';
import { CallbackLine } from '../lines';
import type { Message } from '../messages';
import type { Scenario } from '../play';
import { BURST, chat, haul, LARGE_BYTES, MIDDLE_BYTES, opened } from '../talk';
import { reporting } from './watchers';

/** A Blob whose bytes are there when they are asked for, unless that throws: then they are not sent. */
export class CountedBlob extends Blob {
  constructor(
    private readonly calls: Calls,
    private readonly message: Message,
    private readonly withdraw: (message: Message) => void,
  ) {
    super([new Uint8Array(message.bytes)]);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    try {
      this.calls.out('blob');
    } catch (error) {
      this.withdraw(this.message);
      throw error;
    }
    return Promise.resolve(new Uint8Array(this.message.bytes).buffer);
  }
}

export const callbackLarge: Scenario = {
  name: 'callback, large messages, failing allocations',
  kinds: ['allocation'],
  async play(stage) {
    const { modules, calls } = stage;
    const line = new CallbackLine(modules, 'subject', { compression: 'none', holdsEvery: 2, calls });
    line.hearErrors();
    await opened(stage, line);
    await haul(stage, line);
    line.deliver(BURST, 1_000, true);
    line.deliver(1, 20_000, true);
    await stage.turns(2);
  },
};

export const callbackSlow: Scenario = {
  name: 'callback, Blobs and long messages, compressed',
  async play(stage) {
    await reporting(stage, async () => {
      const { modules, calls } = stage;
      const line = await opened(stage, new CallbackLine(modules, 'subject', { compression: 'context', calls }));
      const withdraw = (message: Message): void => line.toServer.withdraw(message);
      line.send(MIDDLE_BYTES, true, (message) => line.connection.send(new CountedBlob(calls, message, withdraw)));
      line.send(LARGE_BYTES, false);
      line.send(MIDDLE_BYTES, true, (message) => {
        const sent = line.connection.sendAsync(new CountedBlob(calls, message, withdraw));
        sent.catch(() => withdraw(message));
      });
      line.send(20, false);
      stage.during();
      line.deliver(1, LARGE_BYTES, true);
      await stage.turns(8);
      await chat(stage, line);
    });
  },
};

export const callbackGetters: Scenario = {
  name: 'callback, objects whose getters run',
  async play(stage) {
    const { modules, calls } = stage;
    class Strange extends Uint8Array {
      override get length(): number {
        calls.out('getter');
        return this.byteLength;
      }
    }
    const options = {
      get compress() {
        calls.out('getter');
        return true;
      },
      get binary() {
        calls.out('getter');
        return false;
      },
    };
    const line = new CallbackLine(modules, 'subject', { compression: 'context', calls });
    line.hearErrors();
    await opened(stage, line);
    for (let round = 0; round < 3; round += 1) {
      line.send(MIDDLE_BYTES, true, ({ bytes }) => line.connection.send(new Strange(bytes), options));
      line.send(30, false, ({ bytes }) => line.connection.send(bytes.toString(), options));
      stage.during();
      await stage.turns(1);
    }
    await chat(stage, line);
  },
};

export const callbackPiped: Scenario = {
  name: 'callback, piped to another',
  async play(stage) {
    const { modules, calls } = stage;
    const source = new CallbackLine(modules, 'subject', { compression: 'none', calls });
    const sink = new CallbackLine(modules, 'sink', { compression: 'context', holdsEvery: 2, calls });
    source.hearErrors();
    sink.hearErrors();
    stage.add(source);
    stage.add(sink);
    source.open();
    sink.open();
    await stage.turns(4);
    source.connection.pipe(sink.connection);
    // The end of one is the end of the other.
    const isOver = (): boolean =>
      [source, sink].some(({ closes, errors, isEndExpected }) => closes > 0 || errors.length > 0 || isEndExpected);
    source.mayLack = isOver;
    sink.mayLack = isOver;
    // What the source is sent is what the sink has to pass on.
    const relay = (count: number, size: number, isBinary: boolean): void => {
      const messages = Array.from({ length: count }, () => sink.toServer.next(size, isBinary));
      source.pipe.deliver(source.pipe.peer.frames(messages));
    };
    source.deliver = relay;
    relay(BURST, 20, false);
    stage.during();
    await stage.turns(2);
    relay(BURST, 60, true);
    relay(1, MIDDLE_BYTES, true);
    await stage.turns(3);
    await stage.turns(4);
  },
};
