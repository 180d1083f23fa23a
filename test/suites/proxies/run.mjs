// `npm run proxies`: starts the real proxies, plays the cases of tunnels.ts through each, and counts. It owns the command line
// and the sum; programs.mjs knows the proxies.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPrograms } from '../../support/debian.mjs';
import { PROXIES, startProxy } from './programs.mjs';

const HELP = `npm run proxies -- [options]

Plays the cases of tunnels through tinyproxy, microsocks and dante. Those that are not installed are unpacked from Debian's
packages into a temporary directory; one that cannot be had is named and left out.

  --all      one that cannot be had is a failure; so it is where CI is set
  --help`;

const { values } = parseArgs({ options: { all: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(HELP);
  process.exit();
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
const vitest = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.vitest);
const directory = mkdtempSync(join(tmpdir(), 'wsimd-proxies-'));
const report = join(directory, 'report.json');
/** @type {(() => Promise<unknown>)[]} */
const stops = [];
let passed = 0;
let failed = 0;

try {
  const programs = findPrograms(PROXIES, directory);
  const running = [];
  for (const proxy of PROXIES) {
    const { name, kind, program, debian, credentials } = proxy;
    if (!programs.paths.has(program)) {
      console.log(`${name} is left out: there is no program ${program}, and no Debian package ${debian}.`);
      if (values.all || process.env.CI) failed += 1;
      continue;
    }
    try {
      const { port, stop } = await startProxy(proxy, programs, directory);
      stops.push(stop);
      running.push({ name, kind, credentials, port });
    } catch (error) {
      console.log(/** @type {Error} */ (error).message);
      failed += 1;
    }
  }
  if (running.length > 0) {
    const options = ['--config', 'test/suites/proxies/vitest.config.ts', '--reporter=default', '--reporter=json'];
    const env = { ...process.env, WSIMD_PROXIES: JSON.stringify(running) };
    spawnSync(process.execPath, [vitest, 'run', ...options, `--outputFile.json=${report}`], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests;
    // A suite that cannot even be loaded has no tests.
    if (numTotalTests === 0) failed += 1;
  }
} finally {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(directory, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
