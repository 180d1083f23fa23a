// The tarball itself: what two linters of packages say of it, which files are in it, and how large it is.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { filesOf } from './stage.mjs';

const KIB = 1024;
/** Of the download: the code twice, once of it in lines for people (see src/build.mjs), the types and the pages. */
const BUDGET = 368 * KIB;

/** Every file, with `#` for the hash in the name of what is told by its content: a part that several entries share, or a long file. */
const FILES = `
  CHANGELOG.md LICENSE README.md package.json
  src/base/README.md src/callback/README.md src/codec/README.md src/connection/README.md src/deflate/README.md
  src/framing/README.md src/handshake/README.md src/options/README.md src/runtime/README.md src/sending/README.md
  src/transport/README.md src/web/README.md src/ws/README.md src/ws/coming-from-ws.md
  dist/core.wasm dist/main.cjs dist/main.d.cts dist/browser.cjs dist/portable.cjs
  dist/index.cjs dist/index.mjs dist/index.d.cts dist/index.d.mts
  dist/web.cjs dist/web.mjs dist/web.d.cts dist/web.d.mts
  dist/framing.cjs dist/framing.mjs dist/framing.d.cts dist/framing.d.mts
  dist/chunk-#.cjs dist/#.cjs dist/platform/#.cjs
  dist/bytes-#.d.cts dist/per-message-deflate-#.d.cts dist/ready-state-#.d.cts
  dist/platform/fall-back.cjs dist/platform/host.cjs dist/platform/host-page.cjs dist/platform/timers.cjs
  dist/platform/zlib.cjs dist/platform/zlib-page.cjs dist/platform/socket-options.cjs
  dist/platform/stand-in.cjs dist/platform/stand-in-page.cjs
  dist/platform/transport.cjs dist/platform/transport-page.cjs
  dist/bundler/index.js dist/bundler/portable.js dist/bundler/web.js dist/bundler/framing.js dist/bundler/chunk-#.js
  dist/bundler/node/fall-back.js dist/bundler/node/host.js dist/bundler/node/timers.js dist/bundler/node/wasm.js
  dist/bundler/node/zlib.js dist/bundler/node/stand-in.js dist/bundler/node/socket-options.js dist/bundler/node/transport.js
  dist/bundler/workerd/fall-back.js dist/bundler/workerd/host.js dist/bundler/workerd/timers.js dist/bundler/workerd/wasm.js
  dist/bundler/workerd/zlib.js dist/bundler/workerd/stand-in.js dist/bundler/workerd/socket-options.js
  dist/bundler/workerd/transport.js dist/bundler/workerd/core.wasm
  dist/bundler/page/host.js dist/bundler/page/zlib.js dist/bundler/page/stand-in.js dist/bundler/page/transport.js
`;

/** What @arethetypeswrong finds and is as it should be: by entry and way of resolution, with the reason. */
const ACCEPTED = {
  './web, node10': 'it reads no `exports`; whoever compiles for Node.js 20 has node16 or bundler',
  './framing, node10': 'as ./web',
  './core.wasm, node10': 'a binary has no types',
  './core.wasm, node16-cjs': 'a binary has no types',
  './core.wasm, node16-esm': 'a binary has no types',
  './core.wasm, bundler': 'a binary has no types',
};

/** What publint suggests and is as it should be, with the reason. */
const SUGGESTED = {
  USE_EXPORTS_OR_IMPORTS_BROWSER:
    'the field `browser`: what requires the package may not know `imports` (Jest before 29.4)',
};

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ tarball, project }) {
  const installed = join(project, 'node_modules/wsimd');
  return [
    [
      'publint, strict: nothing but what is accepted',
      async () => {
        const { buffer, byteOffset, length } = readFileSync(tarball);
        const pack = { tarball: buffer.slice(byteOffset, byteOffset + length) };
        const { messages, pkg } = await publint({ strict: true, pack });
        const found = messages.filter(({ code }) => !(code in SUGGESTED));
        if (found.length > 0) throw new Error(found.map((message) => formatMessage(message, pkg)).join('\n'));
        return `accepted:\n${Object.values(SUGGESTED).join('\n')}`;
      },
    ],
    [
      '@arethetypeswrong: nothing but what is accepted',
      async () => {
        const { problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
        const found = problems.map((problem) =>
          problem.kind === 'NoResolution'
            ? `${problem.entrypoint}, ${problem.resolutionKind}`
            : JSON.stringify(problem),
        );
        expectSame(found, Object.keys(ACCEPTED));
        const reasons = Object.entries(ACCEPTED).map(([what, reason]) => `${what}: ${reason}`);
        return `accepted:\n${reasons.join('\n')}`;
      },
    ],
    [
      'has the files that it should have',
      () => {
        const names = new Set(
          filesOf(installed).map((name) =>
            name.replace(/-[\w-]{8}(?=\.(d\.)?c?[jt]s)/, '-#').replace(/(?<=\/)[0-9A-F]{8}(?=\.cjs$)/, '#'),
          ),
        );
        expectSame([...names], FILES.trim().split(/\s+/));
        return `${filesOf(installed).length} files`;
      },
    ],
    [
      `is at most ${BUDGET / KIB} KiB`,
      () => {
        const { size } = statSync(tarball);
        if (size > BUDGET) throw new Error(`It has ${size} bytes.`);
        return `${Math.ceil(size / KIB)} KiB`;
      },
    ],
  ];
}

/**
 * @param {string[]} found
 * @param {string[]} expected
 */
function expectSame(found, expected) {
  const more = found.filter((one) => !expected.includes(one));
  const fewer = expected.filter((one) => !found.includes(one));
  if (more.length + fewer.length > 0) throw new Error(`too many: ${more.join('; ')}\ntoo few: ${fewer.join('; ')}`);
}
