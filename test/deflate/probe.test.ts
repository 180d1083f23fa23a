// The probe of what is behind the streams of node:zlib, on streams that lack it or do it wrongly: it notices, throws nothing,
// leaves no stream open, and looks once. And a program whose zlib is broken so, which talks with the npm package `ws` all the
// same, and says why.

import type { InflateRaw, ZlibOptions } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { handlesWork } from '../../src/deflate/probe';
import { debugLog } from '../../src/runtime/debug-log';
import { type PlatformZlib, zlib } from '../../src/runtime/zlib-node';
import { ChildProgram } from '../support/child-program';
import { wsServer } from '../support/servers';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

type Write = (
  flush: number,
  input: Uint8Array,
  at: number,
  size: number,
  output: Uint8Array,
  to: number,
  room: number,
) => void;
interface Handle {
  writeSync: Write;
  reset(): void;
}
interface Inside {
  _handle: Handle;
  _writeState: Uint32Array;
  close(): void;
}

/** A zlib whose streams were changed after they were made. */
function changed(change: (inside: Inside, kind: 'deflate' | 'inflate') => void): PlatformZlib {
  const { createDeflateRaw, createInflateRaw, deflateRawSync } = zlib!;
  const wrap = <Made>(create: (options?: ZlibOptions) => Made, kind: 'deflate' | 'inflate') => {
    return (options?: ZlibOptions): Made => {
      const stream = create(options);
      change(stream as unknown as Inside, kind);
      return stream;
    };
  };
  return {
    createDeflateRaw: wrap(createDeflateRaw, 'deflate'),
    createInflateRaw: wrap(createInflateRaw, 'inflate'),
    deflateRawSync,
  };
}

/** Its calls, with something done around them. */
function around(handle: Handle, doInstead: (write: Write, ...words: Parameters<Write>) => void): void {
  const write = handle.writeSync.bind(handle);
  handle.writeSync = (...words) => doInstead(write, ...words);
}

/** Of what the probe inflates: what comes of each message, and the second of them. */
const HELLO_BYTES = 5;
const SECOND_BYTES = 9;

const hide = (inside: Inside, name: string): void => void Object.defineProperty(inside, name, { value: undefined });

const BROKEN: readonly (readonly [what: string, change: (inside: Inside, kind: 'deflate' | 'inflate') => void])[] = [
  ['no writeSync', ({ _handle }) => Object.assign(_handle, { writeSync: undefined })],
  ['no reset', ({ _handle }) => Object.assign(_handle, { reset: undefined })],
  ['no state', (inside) => hide(inside, '_writeState')],
  [
    'a state that is a plain list',
    (inside) => Object.defineProperty(inside, '_writeState', { value: [...inside._writeState] }),
  ],
  ['a state of one number', (inside) => Object.defineProperty(inside, '_writeState', { value: new Uint32Array(1) })],
  [
    'a state of another stream',
    (inside) => Object.defineProperty(inside, '_writeState', { value: new Uint32Array(2) }),
  ],
  ['a writeSync that does nothing', ({ _handle }) => around(_handle, () => {})],
  [
    'a writeSync that throws',
    ({ _handle }) =>
      around(_handle, () => {
        throw new Error('not here');
      }),
  ],
  [
    'a writeSync that throws what has no text',
    ({ _handle }) =>
      around(_handle, () => {
        throw Object.create(null);
      }),
  ],
  [
    'a reset that throws',
    ({ _handle }) =>
      Object.assign(_handle, {
        reset() {
          throw new Error('not here');
        },
      }),
  ],
  ['a reset that does nothing', ({ _handle }) => Object.assign(_handle, { reset() {} })],
  [
    'a reset that does nothing to what is compressed',
    ({ _handle }, kind) => kind === 'deflate' && Object.assign(_handle, { reset() {} }),
  ],
  [
    'another result',
    ({ _handle }, kind) =>
      around(_handle, (write, ...words) => {
        write(...words);
        if (kind === 'inflate') words[4][words[5]]! ^= 1;
      }),
  ],
  [
    'another result of what is compressed',
    ({ _handle }, kind) =>
      around(_handle, (write, ...words) => {
        write(...words);
        if (kind === 'deflate') words[4][words[5]]! ^= 0x20;
      }),
  ],
  [
    'no context',
    ({ _handle }, kind) =>
      around(_handle, (write, ...words) => {
        if (kind === 'inflate') _handle.reset();
        write(...words);
      }),
  ],
  [
    'another result of the second message',
    ({ _handle }) =>
      around(_handle, (write, ...words) => {
        write(...words);
        if (words[3] === SECOND_BYTES) words[4][words[5]]! ^= 1;
      }),
  ],
  [
    'a room that is passed over',
    ({ _handle }) =>
      around(_handle, (write, flush, input, at, size, output, to, room) =>
        write(flush, input, at, size, output, to, room < HELLO_BYTES ? room + 1 : room),
      ),
  ],
  [
    'a room that is not filled',
    (inside) =>
      around(inside._handle, (write, ...words) => {
        write(...words);
        if (words[6] < HELLO_BYTES) inside._writeState[0]! += 1;
      }),
  ],
  [
    'an end of a stream that is passed over',
    (inside) =>
      around(inside._handle, (write, ...words) => {
        write(...words);
        inside._writeState[1] = 0;
      }),
  ],
  [
    'a reset that keeps the context',
    ({ _handle }, kind) => {
      const reset = _handle.reset.bind(_handle);
      const hello = Buffer.from('f248cdc9c907000000ffff', 'hex');
      _handle.reset = () => {
        reset();
        if (kind === 'inflate') _handle.writeSync(2, hello, 0, hello.length, Buffer.alloc(100), 0, 100);
      };
    },
  ],
  [
    'another result of what is compressed behind a reset',
    ({ _handle }, kind) => {
      const reset = _handle.reset.bind(_handle);
      _handle.reset = () => {
        reset();
        if (kind !== 'deflate') return;
        around(_handle, (write, ...words) => {
          write(...words);
          words[4][words[5]]! ^= 0x20;
        });
      };
    },
  ],
  [
    'output in another place',
    ({ _handle }) =>
      around(_handle, (write, flush, input, at, size, output, _, room) =>
        write(flush, input, at, size, output, 0, room),
      ),
  ],
  [
    'output beyond the room',
    ({ _handle }) =>
      around(_handle, (write, ...words) => {
        write(...words);
        words[4][words[5] + words[6]] = 0;
      }),
  ],
  [
    'a flush that is passed over',
    ({ _handle }, kind) =>
      around(_handle, (write, _, ...words) => {
        write(kind === 'deflate' ? 0 : 2, ...words);
      }),
  ],
  [
    'an error of another kind',
    ({ _handle }) => {
      let tell: (message: string, errno: number) => void = () => {};
      Object.defineProperty(_handle, 'onerror', {
        get: () => (message: string) => tell(message, -2),
        set: (handler) => {
          tell = handler;
        },
      });
    },
  ],
  [
    'an error that is not told',
    (inside) =>
      Object.defineProperty(inside._handle, 'onerror', {
        get: () => () => {},
        set: () => {},
      }),
  ],
  [
    'a close that throws',
    (inside) => {
      const { close } = inside;
      inside.close = () => {
        close.call(inside);
        throw new Error('not here');
      };
    },
  ],
];

describe('the probe', () => {
  it('finds nothing wrong with the streams of this runtime, and leaves none open', () => {
    const before = zlibHandles.open;
    expect(handlesWork({ ...zlib! })).toBe(true);
    expect(zlibHandles.open).toBe(before);
  });

  it.each(BROKEN)('notices: %s', (_, change) => {
    const before = zlibHandles.open;
    expect(handlesWork(changed((inside, kind) => void change(inside, kind)))).toBe(false);
    expect(zlibHandles.open).toBe(before);
  });

  it('notices that there is nothing behind them', () => {
    let closed = 0;
    const bare = (): InflateRaw => ({ close: () => (closed += 1) }) as unknown as InflateRaw;
    expect(handlesWork({ ...zlib!, createInflateRaw: bare })).toBe(false);
    expect(closed).toBe(1);
  });

  it('notices that they cannot be made', () => {
    const refuse = (): never => {
      throw new Error('not here');
    };
    const before = zlibHandles.open;
    expect(handlesWork({ ...zlib!, createDeflateRaw: refuse })).toBe(false);
    expect(zlibHandles.open).toBe(before);
  });

  it('looks once', () => {
    for (const isBroken of [false, true]) {
      let made = 0;
      const counted = changed((inside) => {
        made += 1;
        if (isBroken) hide(inside, '_writeState');
      });
      expect([handlesWork(counted), handlesWork(counted), made]).toEqual([!isBroken, !isBroken, 2]);
    }
  });
});

describe('what it says with NODE_DEBUG=wsimd', () => {
  /** What is said where the log of the runtime is like this, and whether the variable was asked for. */
  function said(enabled: boolean, variable: string | undefined): { lines: string[]; isAsked: boolean } {
    const lines: string[] = [];
    let isAsked = false;
    const debuglog = (): unknown => Object.assign((line: string) => lines.push(line), { enabled });
    vi.stubGlobal('process', {
      getBuiltinModule: () => ({ debuglog }),
      env: {
        get NODE_DEBUG() {
          isAsked = true;
          return variable;
        },
      },
    });
    debugLog()?.('a line');
    vi.unstubAllGlobals();
    return { lines, isAsked };
  }

  it('is said where that is asked for by name', () => {
    expect(said(true, 'http,wsimd')).toEqual({ lines: ['a line'], isAsked: true });
    expect(said(true, 'http')).toEqual({ lines: [], isAsked: true });
    expect(said(true, undefined)).toEqual({ lines: [], isAsked: true });
    expect(said(false, 'wsimd')).toEqual({ lines: [], isAsked: false });
  });

  it.each([undefined, {}, { getBuiltinModule: () => undefined }])('is said nowhere with the process %j', (process) => {
    vi.stubGlobal('process', process);
    expect(() => debugLog()?.('a line')).not.toThrow();
    vi.unstubAllGlobals();
  });
});

/** Talks to the server, one of each face, and says what comes back. */
const program = (url: string): string => `
  import { AsyncTcpConnection, WebSocket } from 'wsimd';
  import { WebSocket as WebWebSocket } from 'wsimd/web';
  const MESSAGES = ['Hello', 'Hello again', 'x'.repeat(300_000)];
  const told = [];
  const hear = (face, message, close) => {
    told.push(face + ' ' + message.length + ' ' + MESSAGES.includes(message));
    if (told.length % MESSAGES.length === 0) close();
  };
  const url = '${url}';
  const next = [
    () => {
      const one = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
      one.on('open', () => { for (const message of MESSAGES) one.send(message); });
      one.on('message', (data) => hear('ws', String(data), () => one.close()));
      one.on('close', () => next.shift()());
    },
    () => {
      const one = new WebWebSocket(url);
      one.onopen = () => { for (const message of MESSAGES) one.send(message); };
      one.onmessage = ({ data }) => hear('web', data, () => one.close());
      one.onclose = () => next.shift()();
    },
    () => {
      const one = new AsyncTcpConnection(url);
      one.perMessageDeflate = { threshold: 0 };
      one.onWebSocketConnect = () => { for (const message of MESSAGES) one.send(message); };
      one.onMessage = (_, message) => hear('callback', String(message), () => one.destroy());
      one.onClose = () => console.log(told.join('\\n'));
      one.connect();
    },
  ];
  next.shift()();
`;

describe('a program whose zlib has nothing behind its streams', () => {
  const LINES = ['ws', 'web', 'callback'].flatMap((face) => [5, 11, 300_000].map((size) => `${face} ${size} true`));

  it.each([
    ['', false],
    ['wsimd', true],
  ] as const)('with NODE_DEBUG=%s talks with ws, compressed both ways, and says so: %s', async (section, says) => {
    // Of each connection, whether its first frame came compressed. What comes behind it may be in the same chunk.
    const compressed: boolean[] = [];
    const server = await wsServer(
      'ws',
      (socket) => {
        // `ws` has no way to say whether a message came compressed.
        (socket as unknown as { _socket: NodeJS.ReadableStream })._socket.once('data', (bytes: Buffer) => {
          compressed.push((bytes[0]! & 0x40) !== 0);
        });
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      },
      { perMessageDeflate: { threshold: 0 } },
    );
    const broken = new URL('../whole/resources/zlib-without-handles.mjs', import.meta.url).href;
    const child = new ChildProgram(program(server.url), { NODE_OPTIONS: `--import=${broken}`, NODE_DEBUG: section });
    expect([await child.exit, child.output]).toEqual([0, expect.any(String)]);
    const lines = child.output.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('WSIMD'))).toEqual(LINES);
    const notices = lines.filter((line) => line.includes('zlib: '));
    expect(notices).toEqual(
      says ? [expect.stringMatching(/^WSIMD \d+: zlib: .* cannot be called synchronously \(.*\)/)] : [],
    );
    expect(compressed).toEqual([true, true, true]);
  });
});
