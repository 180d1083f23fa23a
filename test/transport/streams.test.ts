// The transport over a pair of WHATWG streams, by its own contract (src/transport/contract.ts): order, back-pressure, halves,
// errors, and one onClose whatever happens. With real connections it is in runtimes/ (workerd) and in examples/.

import { describe, expect, it, vi } from 'vitest';
import type { Transport, TransportHandlers } from '../../src/transport/contract';
import { overStreams, type StreamPair } from '../../src/transport/streams';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytesOf = (content: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(content));

/** Lets all that is due happen. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

class Told implements TransportHandlers {
  readonly lines: string[] = [];
  onRead = (bytes: Uint8Array, length: number): void => this.tell(`read ${text(bytes.subarray(0, length))}`);
  onConnect = (): void => this.tell('connect');
  onWritten = (): void => this.tell('drain');
  onEnd = (): void => this.tell('end');
  onClose = (error?: Error): void => this.tell(error === undefined ? 'close' : `close ${error.message}`);
  readTarget = (): Uint8Array => new Uint8Array(1);

  private tell(line: string): void {
    this.lines.push(line);
  }
}

/** A pipe, the other ends of its streams, and what it tells. */
function pipe(more: Partial<StreamPair> = {}, explain?: (error: unknown, isUp: boolean) => Error) {
  const up = new TransformStream<Uint8Array, Uint8Array>();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const told = new Told();
  const pair: StreamPair = { readable: down.readable, writable: up.writable, ...more };
  const transport: Transport = overStreams(pair, told, explain);
  return { transport, told, writer: down.writable.getWriter(), reader: up.readable.getReader() };
}

describe('reading', () => {
  it('tells chunks in order, and the end behind them', async () => {
    const { told, writer } = pipe();
    await writer.write(bytesOf('one'));
    await writer.write(bytesOf('two'));
    await writer.close();
    await turn();
    expect(told.lines).toEqual(['connect', 'read one', 'read two', 'end']);
  });

  it('reads into memory of its own where the stream can, again and again', async () => {
    const memories = new Set<number>();
    let count = 0;
    const readable = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const { byobRequest } = controller as ReadableByteStreamController;
        const view = byobRequest!.view as Uint8Array;
        memories.add(view.byteLength);
        view[0] = 0x61 + count;
        count += 1;
        byobRequest!.respond(1);
        if (count === 3) {
          controller.close();
          (controller as ReadableByteStreamController).byobRequest?.respond(0);
        }
      },
    });
    const { told } = pipe({ readable });
    await turn();
    expect(told.lines).toEqual(['connect', 'read a', 'read b', 'read c', 'end']);
    expect([...memories]).toEqual([65_536]);
  });

  it('stops when told to, and goes on', async () => {
    const { transport, told, writer } = pipe();
    told.onRead = (bytes) => {
      told.lines.push(text(bytes));
      transport.read(false);
    };
    void writer.write(bytesOf('one'));
    void writer.write(bytesOf('two'));
    await turn();
    expect(told.lines).toEqual(['connect', 'one']);
    transport.read(true);
    await turn();
    expect(told.lines).toEqual(['connect', 'one', 'two']);
  });

  it('passes over a chunk of nothing', async () => {
    const { told, writer } = pipe();
    await writer.write(new Uint8Array(0));
    await writer.write(bytesOf('x'));
    expect(told.lines).toEqual(['connect', 'read x']);
  });

  it('is over when the connection throws, which is told to it alone', async () => {
    const { told, writer } = pipe();
    told.onRead = () => {
      throw new Error('a fault of ours');
    };
    await writer.write(bytesOf('one')).catch(() => {});
    await turn();
    expect(told.lines).toEqual(['connect', 'close a fault of ours']);
  });
});

describe('writing', () => {
  it('copies what it is given, and keeps the order', async () => {
    const { transport, reader } = pipe();
    await turn();
    const chunk = bytesOf('one');
    expect(transport.write(chunk)).toBe(true);
    chunk.fill(0);
    expect(transport.write(bytesOf('two'))).toBe(true);
    expect(transport.write(new Uint8Array(0))).toBe(true);
    expect([text((await reader.read()).value!), text((await reader.read()).value!)]).toEqual(['one', 'two']);
  });

  it('copies nothing where the stream does', async () => {
    const chunks: Uint8Array[] = [];
    const writable = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
    const { transport } = pipe({ writable, copiesWrites: true });
    await turn();
    const chunk = bytesOf('one');
    transport.write(chunk);
    await turn();
    expect(chunks[0]).toBe(chunk);
  });

  it('holds from 64 KiB on that nobody has taken, and tells when all of it has left', async () => {
    const { transport, told, reader } = pipe();
    await turn();
    expect(transport.write(new Uint8Array(65_536))).toBe(true);
    expect(transport.write(new Uint8Array(1))).toBe(false);
    await turn();
    expect(told.lines).toEqual(['connect']);
    await reader.read();
    await reader.read();
    await turn();
    expect(told.lines).toEqual(['connect', 'drain']);
    expect(transport.write(new Uint8Array(1))).toBe(true);
  });

  it('is refused behind the end', async () => {
    const { transport } = pipe();
    await turn();
    transport.close('flush');
    expect(transport.write(bytesOf('late'))).toBe(false);
  });
});

describe('closing', () => {
  it('flush: what was written leaves, and the other half is read to its end', async () => {
    const { transport, told, writer, reader } = pipe();
    await turn();
    transport.write(bytesOf('last'));
    transport.close('flush');
    transport.close('flush');
    expect(text((await reader.read()).value!)).toBe('last');
    expect((await reader.read()).done).toBe(true);
    await writer.write(bytesOf('more'));
    expect(told.lines).toEqual(['connect', 'read more']);
    await writer.close();
    await turn();
    expect(told.lines).toEqual(['connect', 'read more', 'end', 'close']);
  });

  it('now: both streams are cancelled, and nothing follows the one onClose', async () => {
    const close = vi.fn();
    const { transport, told, writer, reader } = pipe({ close });
    await turn();
    transport.close('now');
    transport.close('now');
    expect(told.lines).toEqual(['connect']);
    await turn();
    expect(told.lines).toEqual(['connect', 'close']);
    await expect(writer.write(bytesOf('late'))).rejects.toBeUndefined();
    await expect(reader.read()).rejects.toBeUndefined();
    expect(close).toHaveBeenCalledTimes(1);
    transport.close('flush');
    await turn();
    expect(told.lines).toEqual(['connect', 'close']);
  });

  it('before it is up: it never comes up', async () => {
    const { transport, told } = pipe({ opened: turn().then(() => undefined) });
    transport.close('now');
    await turn();
    await turn();
    expect(told.lines).toEqual(['close']);
  });

  it('an exception of its own close() goes nowhere', async () => {
    const { transport, told } = pipe({ close: () => Promise.reject(new Error('closed already')) });
    await turn();
    transport.close('now');
    await turn();
    expect(told.lines).toEqual(['connect', 'close']);
  });
});

describe('errors', () => {
  const explain = (error: unknown, isUp: boolean): Error =>
    new Error(`${(error as Error).message}, ${isUp ? 'up' : 'not up'}`);

  it('of a pipe that never comes up', async () => {
    const { told } = pipe({ opened: Promise.reject(new Error('refused')) }, explain);
    await turn();
    expect(told.lines).toEqual(['close refused, not up']);
  });

  it('of what is read', async () => {
    const { told, writer } = pipe({}, explain);
    await turn();
    await writer.abort(new Error('reset'));
    await turn();
    expect(told.lines).toEqual(['connect', 'close reset, up']);
  });

  it('of what is written, once', async () => {
    const { transport, told, reader } = pipe({}, explain);
    await turn();
    transport.write(bytesOf('one'));
    transport.write(bytesOf('two'));
    await reader.cancel(new Error('broken pipe'));
    await turn();
    expect(told.lines).toEqual(['connect', 'close broken pipe, up']);
  });

  it('of a close that cannot be flushed', async () => {
    const { transport, told, reader } = pipe({}, explain);
    await turn();
    await reader.cancel(new Error('broken pipe'));
    transport.close('flush');
    await turn();
    expect(told.lines).toEqual(['connect', 'close broken pipe, up']);
  });

  it('of the pipe as a whole, and of no class', async () => {
    const { told } = pipe({ closed: turn().then(() => Promise.reject('gone')) });
    await turn();
    await turn();
    expect(told.lines).toEqual(['connect', 'close gone']);
  });
});

describe('what it shows', () => {
  it('its ends, when it is up, and the object behind it', async () => {
    const socket = {};
    const { transport } = pipe({ opened: Promise.resolve({ remoteAddress: '192.0.2.1', remotePort: 80 }), socket });
    expect(transport.endpoints).toEqual({});
    await turn();
    expect(transport.endpoints).toEqual({ remoteAddress: '192.0.2.1', remotePort: 80 });
    expect(transport.socket).toBe(socket);
  });
});

describe('startTls', () => {
  const target = { secure: true, hostname: 'server.test', port: 443, options: {} };

  it('goes on with the streams that come of it, and hears nothing of the others', async () => {
    const inner = {
      up: new TransformStream<Uint8Array, Uint8Array>(),
      down: new TransformStream<Uint8Array, Uint8Array>(),
    };
    let breakOuter = (_: Error): void => {};
    const closed = new Promise((_, reject) => {
      breakOuter = reject;
    });
    const { transport, told, writer, reader } = pipe({
      closed,
      startTls: ({ hostname }) => {
        told.lines.push(`TLS for ${hostname}`);
        return { readable: inner.down.readable, writable: inner.up.writable };
      },
    });
    told.onRead = (bytes) => {
      told.lines.push(text(bytes));
      if (text(bytes) === 'begin') transport.startTls(target);
    };
    await turn();
    transport.write(bytesOf('hello'));
    expect(text((await reader.read()).value!)).toBe('hello');
    await writer.write(bytesOf('begin'));
    await turn();
    transport.write(bytesOf('secret'));
    expect(text((await inner.up.readable.getReader().read()).value!)).toBe('secret');
    breakOuter(new Error('of no interest'));
    await inner.down.writable.getWriter().write(bytesOf('answer'));
    await turn();
    expect(told.lines).toEqual(['connect', 'begin', 'TLS for server.test', 'connect', 'answer']);
  });

  it('is refused where the pipe has none', () => {
    const { transport } = pipe();
    expect(() => transport.startTls(target)).toThrow('This pipe cannot begin TLS.');
  });
});
