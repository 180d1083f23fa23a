// Branch coverage of the parts that decide what is lawful, each from its own test files alone: every branch must be reached
// by a test that is about that part. `npm run coverage` fails below 100 %. The core itself is covered through the shipped
// binary: see core/decode-branches.test.ts.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

const HELP = `npm run coverage -- [options]

Runs the tests of each part of the sources that decides what is lawful, and tells of each file how many of its branches they reach:
it must be all of them.

  --part name  this part alone
  --help`;

/** @type {Record<string, { tests: string[], sources: string[] }>} */
const PARTS = {
  decode: {
    tests: [
      'codec/decoder.test',
      'codec/decoder-handlers.test',
      'codec/decoder-limits.test',
      'core/decode-branches.test',
      'codec/decoder-target.test',
      'codec/decoder-turns.test',
      'codec/shared.test',
      'codec/runs-ownership.test',
      'codec/unread.test',
      'codec/decoder-buffers.test',
      'codec/decoder-found.test',
      'codec/decoder-fragments.test',
      'codec/decoder-text-bytes.test',
      'codec/decoder-unchecked.test',
      'codec/inflated-messages.test',
      'codec/inflated-messages-delivery.test',
      'codec/binary-delivery.test',
      'codec/frames.test',
      'codec/message-buffer.test',
      'codec/runs.test',
      'codec/streamed-messages.test',
      'codec/text-buffer.test',
      'codec/text-buffer-native.test',
      'connection/trap.test',
    ],
    sources: [
      'codec/decoder.ts',
      'codec/event-reader.ts',
      'codec/frame-fault.ts',
      'codec/message-buffer.ts',
      'codec/pieces.ts',
      'codec/runs.ts',
      'codec/streamed-messages.ts',
      'codec/text-buffer.ts',
      'codec/unread.ts',
      'framing/decoder.ts',
    ],
  },
  encode: {
    tests: [
      'framing/encoder.test',
      'framing/encoder-by-runtime.test',
      'framing/encoder-messages.test',
      'sending/outbox-taken.test',
    ],
    sources: ['codec/encoder.ts', 'framing/deflate.ts', 'framing/encoder.ts', 'framing/role.ts'],
  },
  handshake: {
    tests: [
      'handshake/header-text.test',
      'handshake/handshake.test',
      'handshake/asked.test',
      'handshake/reader.test',
      'handshake/extensions.test',
      'handshake/permessage-deflate.test',
      'handshake/response-parser.test',
      'handshake/interim.test',
      'handshake/error-body.test',
      'handshake/sha1.test',
      'handshake/subprotocols.test',
    ],
    sources: readdirSync(new URL('../../../src/handshake', import.meta.url))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `handshake/${file}`),
  },
  proxies: {
    tests: [
      'options/proxy.test',
      'options/proxy-environment.test',
      'transport/proxy/http-connect.test',
      'transport/proxy/socks5.test',
      'transport/proxy/faults.test',
      'transport/proxy/answers.test',
      'transport/proxy/behind.test',
      'transport/proxy/tunnel.test',
      'transport/proxy/tunnels.test',
    ],
    sources: [
      'options/proxy.ts',
      'options/proxy-environment.ts',
      'callback/proxy.ts',
      'base/address-bytes.ts',
      'transport/proxy/http-connect.ts',
      'transport/proxy/kinds.ts',
      'transport/proxy/negotiation.ts',
      'transport/proxy/socks5.ts',
      'transport/proxy/tunnel.ts',
    ],
  },
  compression: {
    tests: [
      'codec/inflated-messages.test',
      'codec/inflated-messages-delivery.test',
      'codec/inflated-messages-final.test',
      'codec/streamed-messages.test',
      'codec/decoder-turns.test',
      'framing/encoder-messages.test',
      'sending/deflate.test',
      'deflate/sharing.test',
      'deflate/streams.test',
      'deflate/deflater.test',
      'deflate/inflater.test',
      'deflate/probe.test',
      'deflate/refused.test',
      'deflate/stand-in.test',
      'deflate/zlib-streams.test',
      'options/per-message-deflate.test',
      'deflate/without-zlib.test',
    ],
    sources: [
      'codec/inflated-messages.ts',
      'codec/deflated-messages.ts',
      'deflate/bit-input.ts',
      'deflate/block-codes.ts',
      'deflate/context.ts',
      'deflate/deflater.ts',
      'deflate/handle-stream.ts',
      'deflate/huffman.ts',
      'deflate/inflater.ts',
      'deflate/probe.ts',
      'deflate/sync-deflate.ts',
      'deflate/zlib.ts',
      'runtime/debug-log.ts',
      'options/per-message-deflate.ts',
    ],
  },
  streams: { tests: ['transport/streams.test'], sources: ['transport/streams.ts'] },
  strings: { tests: ['runtime/strings.test'], sources: ['runtime/strings.ts'] },
  policy: { tests: ['callback/backoff.test'], sources: ['callback/backoff.ts'] },
  state: {
    tests: ['connection/state.test', 'connection/reading.test'],
    sources: ['connection/state.ts', 'connection/reading.ts'],
  },
  faults: { tests: ['base/faults.test'], sources: ['base/faults.ts', 'base/fault-kinds.ts', 'base/frame-faults.ts'] },
};

const { values } = parseArgs({ options: { part: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(HELP);
  process.exit();
}
const chosen = Object.entries(PARTS).filter(([part]) => values.part === undefined || part === values.part);
if (chosen.length === 0) {
  console.error(`There is no part ${values.part}; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
const vitest = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.vitest);
const reports = mkdtempSync(join(tmpdir(), 'wsimd-coverage-'));
const table = new Table({ head: ['part', 'file', 'branches', 'reached', ''] });
let passed = 0;
let failed = 0;

for (const [part, { tests, sources }] of chosen) {
  const directory = join(reports, part);
  const options = [
    [
      'run',
      '--reporter=dot',
      '--config',
      'test/vitest.config.ts',
      '--project=sources',
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
