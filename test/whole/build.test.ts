// The package as it is built: the weight of the entries, and that both module systems load the same names without opening or
// holding anything.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');

const KIB = 1024;

describe('the package', () => {
  /** A file of dist/ and every other that it loads, gzipped together as one download. */
  function weigh(entry: string): number {
    const files = new Map<string, Buffer>();
    const add = (name: string): void => {
      if (files.has(name)) return;
      const source = readFileSync(join(dist, name));
      files.set(name, source);
      for (const [, other] of source.toString().matchAll(/(?:from|import|require)\s*\(?\s*["']\.\/([\w.-]+)["']/g))
        add(join(dirname(name), other!));
    };
    add(entry);
    return gzipSync(Buffer.concat([...files.values()]), { level: 9 }).length;
  }

  it.each([
    ['index.js', 62],
    ['main.cjs', 62],
    ['web.js', 52],
    ['web.cjs', 52],
    ['workerd/index.js', 47],
    ['browser/index.js', 48],
    ['browser/framing.js', 24],
  ])('%s with all that it loads, wasm inlined, is at most %i KB gzipped', (entry, limit) => {
    expect(weigh(entry)).toBeLessThanOrEqual(limit * KIB);
  });

  it('depends on nothing at run time', () => {
    const dependencies = packageJson as Record<string, unknown>;
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundledDependencies']) {
      expect(dependencies[kind], kind).toBeUndefined();
    }
    expect(dependencies.scripts).not.toHaveProperty('postinstall');
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
