// Hosts that cannot have the core of WebAssembly, and what importing leaves alone: the package in processes of their own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { echoServer } from '../support/servers';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = 120_000;

const ENTRIES = ['wsimd', 'wsimd/web', 'wsimd/framing'];

/** Whatever asks for WebAssembly, or for much memory, is noted. */
const WATCH = `
  const asked = [];
  for (const name of ['Module', 'Instance', 'Memory']) {
    WebAssembly[name] = new Proxy(WebAssembly[name], { construct: () => { asked.push(name); throw new RangeError(name); } });
  }
  const { FinalizationRegistry: Registry, ArrayBuffer: Real } = globalThis;
  globalThis.FinalizationRegistry = class extends Registry { constructor(f) { super(f); asked.push('FinalizationRegistry'); } };
  globalThis.ArrayBuffer = new Proxy(Real, {
    construct: (_, [size]) => { if (size > 65_536) asked.push(size); return new Real(size); },
  });
`;

describe.each(ENTRIES)('importing %s', (entry) => {
  it.each([
    ['require', 'commonjs', `require('${entry}');`],
    ['import', 'module', `await import('${entry}');`],
  ])(
    'by %s reserves nothing, and no listener stays',
    async (_, type, load) => {
      const script = `${WATCH} const before = process.eventNames().length; ${load}
      console.log(JSON.stringify([asked, process.eventNames().length - before]));`;
      const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', script], { cwd });
      expect(JSON.parse(stdout)).toEqual([[], 0]);
    },
    LIMIT,
  );
});

describe('the package that is evaluated again and again', () => {
  const TIMES = 40;
  /** In KiB: three cores at a time. Cores that stayed would take 10 GiB for each of these times. */
  const MOST = 30 * 1024 * 1024;

  it.skipIf(process.platform !== 'linux')(
    'leaves no listener and no address space behind',
    async () => {
      const { url } = await echoServer('ws');
      const program = fileURLToPath(new URL('resources/evaluated-again.cjs', import.meta.url));
      const { stdout } = await run(process.execPath, ['--expose-gc', program, url, String(TIMES)], { cwd });
      const [listeners, space] = JSON.parse(stdout);
      expect(listeners).toBe(0);
      expect(space).toBeLessThan(MOST);
    },
    LIMIT,
  );
});

/** A text and bytes there and back, on every face; then what came. */
const program = (url: string): string => `
  const Dropin = require('wsimd');
  const { WebSocket } = require('wsimd/web');
  const { Decoder, Encoder } = require('wsimd/framing');
  const text = 'a text, 한국어, 😀 '.repeat(5_000);
  const came = {};
  const tell = (face, what) => {
    came[face] = what;
    if (Object.keys(came).length === 4) console.log(JSON.stringify(came));
  };
  const dropIn = new Dropin('${url}');
  dropIn.on('open', () => dropIn.send(text));
  dropIn.on('error', (error) => tell('ws', error.message));
  dropIn.on('message', (data) => { tell('ws', String(data) === text); dropIn.close(); });
  const web = new WebSocket('${url}');
  web.onopen = () => web.send(text);
  web.onerror = (event) => tell('web', String(event.message));
  web.onmessage = ({ data }) => { tell('web', data === text); web.close(); };
  const callback = new Dropin.AsyncTcpConnection('${url}');
  callback.onWebSocketConnect = () => callback.send(text);
  callback.onError = (_, code, message) => tell('callback', message);
  callback.onMessage = (_, data) => { tell('callback', data === text); callback.close(); };
  callback.connect();
  try {
    const decoder = new Decoder({ role: 'server', onMessage: (data) => tell('framing', data === text) });
    decoder.feed(new Encoder({ role: 'client' }).text(text));
  } catch (error) {
    tell('framing', error.code);
  }
`;

const WORKS = { ws: true, web: true, callback: true, framing: true };

/** Runs the program on Node.js with these flags, in a shell that has this set first. */
async function play(flags: readonly string[], limit = 'true', before = ''): Promise<{ came: unknown; told: string[] }> {
  const server = await echoServer('ws');
  const script = before + program(server.url);
  const command = `${limit} && exec "$0" "$@"`;
  const { stdout, stderr } = await run('sh', ['-c', command, process.execPath, ...flags, '--eval', script], {
    cwd,
    env: { ...process.env, NODE_DEBUG: 'wsimd', NODE_OPTIONS: '' },
  });
  return { came: JSON.parse(stdout), told: stderr.split('\n').filter((line) => line.includes('core is made')) };
}

describe('a host', () => {
  it.each([
    ['without WebAssembly', ['--jitless'], 'WebAssembly is not defined'],
    ['without SIMD', process.arch === 'x64' ? ['--no-enable-ssse3'] : ['--jitless'], ''],
  ])(
    '%s has every face, by the core in JavaScript, and tells so once',
    async (_, flags, reason) => {
      const { came, told } = await play(flags);
      expect(came).toEqual(WORKS);
      expect(told).toEqual([expect.stringContaining(reason)]);
    },
    LIMIT,
  );

  it.skipIf(process.platform !== 'linux')(
    'without address space has every face',
    async () => {
      const { came, told } = await play([], 'ulimit -v 4194304');
      expect(came).toEqual(WORKS);
      // Node.js 24 and later reserve less.
      expect(told.length).toBeLessThanOrEqual(1);
    },
    LIMIT,
  );

  it(
    'that makes no code of strings has the core of WebAssembly',
    async () => {
      const { came, told } = await play(['--disallow-code-generation-from-strings']);
      expect([came, told]).toEqual([WORKS, []]);
    },
    LIMIT,
  );

  it(
    'without memory for either core fails each connection with a sentence, and no import',
    async () => {
      const before = `
      WebAssembly.Instance = function () { throw new RangeError('no addresses'); };
      const { ArrayBuffer: Real } = globalThis;
      globalThis.ArrayBuffer = new Proxy(Real, {
        construct(_, [size]) { if (size > 2 ** 24) throw new RangeError('no memory'); return new Real(size); },
      });
    `;
      const { came } = await play([], 'true', before);
      const sentence = 'This runtime cannot do what was asked for: its core could not be made (no memory).';
      expect(came).toMatchObject({ ws: sentence, callback: sentence, framing: 'WS_ERR_UNSUPPORTED' });
    },
    LIMIT,
  );
});
