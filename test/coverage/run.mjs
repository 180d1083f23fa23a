// Branch coverage of the parts that decide what is lawful, each from its own test files alone: every branch must be reached
// by a test that is about that part. `npm run coverage` fails below 100 %. The core itself is covered through the shipped
// binary: see decode-branches.test.ts.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';

/** @type {Record<string, { tests: string[], sources: string[] }>} */
const PARTS = {
  decode: {
    tests: [
      'decode.test',
      'decode-handlers.test',
      'decode-limits.test',
      'decode-branches.test',
      'decode-target.test',
      'decode-turns.test',
      'shared.test',
      'run-ownership.test',
      'decode-unread.test',
      'decode-buffers.test',
      'decode-found.test',
      'decode-fragments.test',
      'decode-text-bytes.test',
      'decode-unchecked.test',
      'inflate.test',
      'inflate-delivery.test',
      'binary-delivery.test',
      'frames.test',
      'message-buffer.test',
      'run.test',
      'text-buffer.test',
      'text-buffer-native.test',
      'trap.test',
    ],
    sources: [
      'codec/decoder.ts',
      'codec/event-reader.ts',
      'codec/frame-fault.ts',
      'codec/message-buffer.ts',
      'codec/pieces.ts',
      'codec/runs.ts',
      'codec/text-buffer.ts',
      'codec/unread.ts',
      'framing/decoder.ts',
    ],
  },
  encode: {
    tests: ['encode.test', 'encode-by-runtime.test', 'deflate-encode.test', 'outbox-taken.test'],
    sources: ['codec/encoder.ts', 'framing/deflate.ts', 'framing/encoder.ts', 'framing/role.ts'],
  },
  handshake: {
    tests: [
      'handshake.test',
      'handshake-reader.test',
      'extensions.test',
      'negotiation.test',
      'response-parser.test',
      'ws-interim-responses.test',
      'error-body.test',
      'sha1.test',
    ],
    sources: readdirSync(new URL('../../src/handshake', import.meta.url)).map((file) => `handshake/${file}`),
  },
  proxies: {
    tests: [
      'proxy-settings.test',
      'proxy-http-connect.test',
      'proxy-socks5.test',
      'proxy-faults.test',
      'proxy-answers.test',
      'proxy-behind.test',
      'proxy-tunnel.test',
      'proxy-tunnels.test',
    ],
    sources: [
      'options/proxy.ts',
      'callback/proxy-settings.ts',
      'transport/proxy/address-bytes.ts',
      'transport/proxy/http-connect.ts',
      'transport/proxy/negotiation.ts',
      'transport/proxy/socks5.ts',
      'transport/proxy/tunnel.ts',
    ],
  },
  compression: {
    tests: [
      'inflate.test',
      'inflate-delivery.test',
      'inflate-final.test',
      'decode-turns.test',
      'deflate-encode.test',
      'deflate-sending.test',
      'deflate-sharing.test',
      'deflate-streams.test',
      'deflater.test',
      'inflater.test',
      'zlib-probe.test',
      'zlib-refused.test',
      'zlib-streams.test',
      'compression-options.test',
      'without-zlib.test',
    ],
    sources: [
      'codec/inflated-messages.ts',
      'codec/deflated-messages.ts',
      'deflate/bit-input.ts',
      'deflate/block-codes.ts',
      'deflate/context.ts',
      'deflate/debug.ts',
      'deflate/deflater.ts',
      'deflate/handle-stream.ts',
      'deflate/huffman.ts',
      'deflate/inflater.ts',
      'deflate/probe.ts',
      'deflate/sync-deflate.ts',
      'deflate/zlib.ts',
      'options/per-message-deflate.ts',
    ],
  },
  streams: { tests: ['transport-streams.test'], sources: ['transport/streams.ts'] },
  strings: { tests: ['string-bytes.test'], sources: ['runtime/strings.ts'] },
  policy: { tests: ['backoff.test'], sources: ['callback/backoff.ts'] },
  state: { tests: ['state.test'], sources: ['connection/state.ts'] },
  faults: { tests: ['faults.test'], sources: ['base/faults.ts'] },
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
const vitest = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.vitest);
const reports = mkdtempSync(join(tmpdir(), 'wsimd-coverage-'));
const table = new Table({ head: ['part', 'file', 'branches', 'reached', ''] });
let passed = 0;
let failed = 0;

for (const [part, { tests, sources }] of Object.entries(PARTS)) {
  const directory = join(reports, part);
  const options = [
    [
      'run',
      '--reporter=dot',
      '--config',
      'test/coverage/vitest.config.ts',
      '--coverage.enabled',
      '--coverage.allowExternal',
    ],
    [`--coverage.reportsDirectory=${directory}`, '--coverage.reporter=json', '--coverage.reporter=json-summary'],
    sources.map((source) => `--coverage.include=src/${source}`),
    tests.map((test) => `test/${test}.ts`),
  ].flat();
  const run = spawnSync(process.execPath, [vitest, ...options], { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) throw new Error(`The tests of ${part} failed.`);
  /** @type {Record<string, { branches: { total: number, covered: number } }>} */
  const { total: _, ...files } = JSON.parse(readFileSync(join(directory, 'coverage-summary.json'), 'utf8'));
  for (const source of sources) {
    const file = join(root, 'src', source);
    const branches = files[file]?.branches;
    const isWhole = branches !== undefined && branches.covered === branches.total;
    if (isWhole) passed += 1;
    else failed += 1;
    const verdict = isWhole ? '100 %' : branches === undefined ? 'never loaded' : missing(directory, file);
    table.push([part, relative(root, file), branches?.total ?? '', branches?.covered ?? '', verdict]);
  }
}
rmSync(reports, { recursive: true });
console.log(table.toString());
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * Where the branches are that nobody reached.
 *
 * @param {string} directory
 * @param {string} file
 */
function missing(directory, file) {
  const { branchMap, b } = JSON.parse(readFileSync(join(directory, 'coverage-final.json'), 'utf8'))[file];
  const lines = Object.entries(b).flatMap(([id, counts]) =>
    counts.flatMap((/** @type {number} */ count, /** @type {number} */ i) =>
      count === 0 ? [branchMap[id].locations[i].start.line ?? branchMap[id].loc.start.line] : [],
    ),
  );
  return `lines ${lines.join(', ')}`;
}
