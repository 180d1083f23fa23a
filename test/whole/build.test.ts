// The package as it is built: the weight of the entries, and that both module systems load the same names without opening or
// holding anything.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');

const KIB = 1024;

describe('the package', () => {
  type Platform = 'node' | 'workerd' | 'browser';

  /** A file of dist/ and every other that it loads there, gzipped together as one download. */
  function weigh(entry: string, platform: Platform): number {
    const files = new Map<string, Buffer>();
    const add = (name: string): void => {
      if (files.has(name)) return;
      const source = readFileSync(join(dist, name));
      files.set(name, source);
      if (name.endsWith('.wasm')) return;
      for (const [, other] of source.toString().matchAll(/(?:from|import|require)\s*\(?\s*["']([.#][\w./-]+)["']/g)) {
        const place = (packageJson.imports as Record<string, Partial<Record<Platform | 'default', string>>>)[other!];
        if (place === undefined) add(join(dirname(name), other!));
        else add((place[platform] ?? place.default!).replace('./dist/', ''));
      }
    };
    add(entry);
    return gzipSync(Buffer.concat([...files.values()]), { level: 9 }).length;
  }

  // The builds for Node.js are in lines for people: they are loaded from a disk, and nobody waits for their download.
  it.each<[string, number, Platform]>([
    ['index.mjs', 154, 'node'],
    ['main.cjs', 154, 'node'],
    ['browser.cjs', 138, 'node'],
    ['web.cjs', 112, 'node'],
    ['framing.cjs', 53, 'node'],
    ['bundler/index.js', 90, 'node'],
    ['bundler/web.js', 70, 'node'],
    ['bundler/framing.js', 34, 'node'],
    ['bundler/portable.js', 65, 'workerd'],
    ['bundler/framing.js', 25, 'workerd'],
    ['bundler/portable.js', 73, 'browser'],
    ['bundler/framing.js', 31, 'browser'],
  ])('%s with all that it loads, wasm inlined, is at most %i KB gzipped on %s', (entry, limit, platform) => {
    expect(weigh(entry, platform)).toBeLessThanOrEqual(limit * KIB);
  });

  // Of a longer text V8's hash is its length, and Deno takes the file by that for the one of the build before.
  it('tells the content of a long CommonJS file in its name', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    const long = files.filter((name) => readFileSync(join(dist, name), 'utf8').length > 16_383);
    expect(long).not.toEqual([]);
    expect(long.filter((name) => !/(^|[-/\\])[0-9A-Z]{8}\.cjs$/.test(name))).toEqual([]);
  });

  describe('a program for workerd, bundled and minified', () => {
    const programs: Readonly<Record<string, readonly [limit: number, program: string]>> = {
      // Of these, 13 are the queue, what is awaited, messages in pieces, redirects, cookies and proxies of the environment.
      AsyncTcpConnection: [
        60,
        `import { AsyncTcpConnection } from 'wsimd';
        const connection = new AsyncTcpConnection('wss://example.com');
        connection.onMessage = console.log;
        connection.connect();`,
      ],
      'wsimd/web': [
        47,
        `import { WebSocket } from 'wsimd/web';
        new WebSocket('wss://example.com').onmessage = console.log;`,
      ],
    };

    const cases = Object.entries(programs).map(([name, [limit, program]]) => [name, limit, program] as const);
    it.each(cases)('of %s is at most %i KiB gzipped, its binary included', async (_, limit, program) => {
      const { outputFiles } = await build({
        stdin: { contents: program, resolveDir: root },
        bundle: true,
        minify: true,
        format: 'esm',
        write: false,
        outdir: root,
        conditions: ['workerd', 'worker', 'browser'],
        external: ['cloudflare:*', 'node:*'],
        loader: { '.wasm': 'copy' },
      });
      const weights = outputFiles.map(({ path, contents }) => [extname(path), gzipSync(contents, { level: 9 }).length]);
      const { '.js': script, '.wasm': binary } = Object.fromEntries(weights);
      expect(script + binary).toBeLessThanOrEqual(limit * KIB);
    });
  });

  it('depends on nothing at run time', () => {
    const dependencies = packageJson as Record<string, unknown>;
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundledDependencies']) {
      expect(dependencies[kind], kind).toBeUndefined();
    }
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(dependencies.scripts).not.toHaveProperty(script);
    }
  });

  const report = `
    const names = Object.keys(loaded).filter((name) => name !== 'default' && name !== 'module.exports').sort();
    // Node's own loader may still be closing a file.
    const resources = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq');
    process.stdout.write(JSON.stringify({ names, resources }));
  `;
  /** Loads an entry in a process of its own, which must end by itself. */
  async function load(entry: string, system: 'module' | 'commonjs'): Promise<{ names: string[]; resources: string[] }> {
    const loading = system === 'module' ? `import * as loaded from '${entry}';` : `const loaded = require('${entry}');`;
    const options = { cwd: root, timeout: 10_000 };
    const { stdout, stderr } = await run(
      process.execPath,
      [`--input-type=${system}`, '--eval', loading + report],
      options,
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  }

  it.each(['wsimd', 'wsimd/web', 'wsimd/framing'])(
    '%s has the same names for import and require, and holds nothing open',
    async (entry) => {
      const esm = await load(entry, 'module');
      const cjs = await load(entry, 'commonjs');
      // Required, `wsimd` is a class, and its own names are there, too.
      const own = ['CLOSED', 'CLOSING', 'CONNECTING', 'OPEN', 'Server'];
      const isClass = entry === 'wsimd';
      expect(cjs.names).toEqual(isClass ? [...esm.names, ...own].sort() : esm.names);
      expect(esm.names).toContain(entry === 'wsimd/web' ? 'WebSocket' : 'WsimdError');
      expect(esm.resources).toEqual([]);
      expect(cjs.resources).toEqual([]);
    },
  );

  it('in CommonJS the module is the class of `ws`, which has the other names', () => {
    const required = createRequire(import.meta.url)('wsimd');
    expect(typeof required).toBe('function');
    expect(required.WebSocket).toBe(required);
    expect(typeof required.createWebSocketStream).toBe('function');
    for (const name of ['Server', 'WebSocketServer', 'Receiver', 'Sender', 'AsyncTcpConnection']) {
      expect(typeof required[name], name).toBe('function');
    }
  });

  it('wsimd/framing exports Decoder, Encoder and WsimdError', async () => {
    expect((await load('wsimd/framing', 'module')).names).toEqual(['Decoder', 'Encoder', 'WsimdError']);
  });

  it('wsimd/framing loads no module that could open a socket', async () => {
    const script = `
      const before = new Set(process.moduleLoadList);
      await import('wsimd/framing');
      const loaded = process.moduleLoadList.filter((name) => !before.has(name));
      process.stdout.write(JSON.stringify(loaded.filter((name) => /\\b(net|tls|dns|http|https|http2|dgram)$/.test(name))));
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
