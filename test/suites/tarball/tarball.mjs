// The tarball itself: what two linters of packages say of it, which files are in it, and how large it is.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { filesOf } from './stage.mjs';

const KIB = 1024;
/** Of the download; four fifths are source maps, which hold the sources. */
const BUDGET = 1_300 * KIB;

/** Every file, with `#` for the hash in the name of a part that several entries share. */
const FILES = `
  CHANGELOG.md LICENSE README.md package.json
  dist/core.wasm dist/main.cjs dist/main.d.cts
  dist/index.js dist/index.js.map dist/index.cjs dist/index.cjs.map dist/index.d.ts dist/index.d.cts
  dist/web.js dist/web.js.map dist/web.cjs dist/web.cjs.map dist/web.d.ts dist/web.d.cts
  dist/framing.js dist/framing.js.map dist/framing.cjs dist/framing.cjs.map dist/framing.d.ts dist/framing.d.cts
  dist/chunk-#.js dist/chunk-#.js.map dist/chunk-#.cjs dist/chunk-#.cjs.map
  dist/binary-#.d.ts dist/binary-#.d.cts
  dist/per-message-deflate-#.d.ts dist/per-message-deflate-#.d.cts
  dist/ready-state-#.d.ts dist/ready-state-#.d.cts
  dist/browser/index.js dist/browser/index.js.map dist/browser/chunk-#.js dist/browser/chunk-#.js.map
  dist/browser/web.js dist/browser/web.js.map dist/browser/framing.js dist/browser/framing.js.map
  dist/workerd/index.js dist/workerd/index.js.map dist/workerd/chunk-#.js dist/workerd/chunk-#.js.map
  dist/workerd/web.js dist/workerd/web.js.map dist/workerd/framing.js dist/workerd/framing.js.map
  dist/workerd/core.wasm
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

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ tarball, project }) {
  const installed = join(project, 'node_modules/wsimd');
  return [
    [
      'publint, strict: nothing',
      async () => {
        const { buffer, byteOffset, length } = readFileSync(tarball);
        const pack = { tarball: buffer.slice(byteOffset, byteOffset + length) };
        const { messages, pkg } = await publint({ strict: true, pack });
        if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg)).join('\n'));
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
        const names = new Set(filesOf(installed).map((name) => name.replace(/-[\w-]{8}(?=\.(d\.)?c?[jt]s)/, '-#')));
        expectSame([...names], FILES.trim().split(/\s+/));
        return `${filesOf(installed).length} files`;
      },
    ],
    [
      'has source maps that hold their sources',
      () => {
        const maps = filesOf(installed).filter((name) => name.endsWith('.map'));
        for (const name of maps) {
          const { sources, sourcesContent } = JSON.parse(readFileSync(join(installed, name), 'utf8'));
          const holdsAll = sources.length > 0 && sources.every((_, at) => typeof sourcesContent?.[at] === 'string');
          if (!holdsAll) throw new Error(`${name} refers to sources that are not in the tarball.`);
        }
        return `${maps.length} maps`;
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
