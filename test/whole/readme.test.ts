// What the pages promise: the README is short and its first example runs, every link leads somewhere, files that are named are
// there, every fault has its heading, and the worked example of wsimd/framing prints what it says.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { FRAME_FAULTS } from '../../src/base/frame-faults';
import { closedPort } from '../support/servers';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What nobody sees who looks at the repository. */
const BUILT = /^(node_modules|dist|build|\..*)$/;

/** Every file of the repository, from its root. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !BUILT.test(name))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

const files = filesIn('');
const pages = files.filter((file) => file.endsWith('.md'));
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A page without its programs and transcripts. */
const proseOf = (page: string): string => textOf(page).replace(/^```.*?^```$/gms, '');

/** The anchors of a page's headings as GitHub makes them: a second one of the same name ends with -1. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(page).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link; undefined: nothing. */
function faultOf(page: string, link: string): string | undefined {
  if (/^https?:\/\//.test(link)) return undefined;
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, '');
  if (target.startsWith('..') || target.split('/').some((part) => BUILT.test(part))) return `${link} leads elsewhere`;
  if (!existsSync(join(root, target))) return `${link}: there is no such file`;
  if (anchor === undefined) return undefined;
  if (!target.endsWith('.md')) return `${link}: only pages have headings`;
  return anchorsOf(target).has(anchor) ? undefined : `${link}: there is no such heading`;
}

describe('the pages', () => {
  it.each(pages)('%s: its links lead somewhere', (page) => {
    const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    expect(links.map((link) => faultOf(page, link)).filter((fault) => fault !== undefined)).toEqual([]);
  });

  it.each(pages)('%s: it has no links of a form that is not looked at here', (page) => {
    const others = /<(?:img|a)\b|\]\(<|\]\([^)\s]+\s[^)]*\)|^\s*\[[^\]]+\]:\s/gim;
    expect(proseOf(page).match(others) ?? []).toEqual([]);
  });

  it.each(pages)('%s: the files that it names are there', (page) => {
    const spans = [...proseOf(page).matchAll(/`([\w./-]+\.(?:[cm]?[jt]s|json|md))`/g)].map(([, name]) => name!);
    // NAME stands for one that a reader chooses.
    const named = spans.filter((name) => !name.includes('NAME'));
    expect(named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  });

  // The page of the charts is written by the bench.
  const written = pages.filter((page) => page !== 'bench/charts/README.md');
  it.each(written)('%s: its lines have at most 130 characters, tables aside', (page) => {
    const lines = proseOf(page).split('\n');
    expect(lines.filter((line) => line.length > 130 && !line.startsWith('|'))).toEqual([]);
  });

  it('has each folder of the sources on the map', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const map = textOf('src/README.md');
    expect(folders.map(({ name }) => name).filter((name) => !map.includes(`\n  ${name}/ `))).toEqual([]);
  });

  it('has every page of a folder in the table of the README', () => {
    const links = new Set([...textOf('README.md').matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link));
    expect(pages.filter((page) => page.endsWith('/README.md') && !links.has(page))).toEqual([]);
  });

  const codes = new Set([...Object.values(FRAME_FAULTS), ...Object.values(CONNECTION_FAULTS)].map(({ code }) => code));
  const errors = textOf('src/base/README.md').split('\n');
  it.each([...codes])('explain %s under a heading of its own', (code) => {
    expect(errors.filter((line) => line === `#### ${code}`)).toHaveLength(1);
  });

  it('have an example of wsimd/framing that prints what stands below it', () => {
    const [, example, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(textOf('src/framing/README.md'))!;
    // As standard input the program is in the package's own folder, where `wsimd/framing` is the build.
    const options = { cwd: root, input: example!, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, ['--input-type=module'], options)).toBe(output);
  });
});

describe('README', () => {
  it('has at most 12 KB', () => {
    expect(statSync(join(root, 'README.md')).size).toBeLessThanOrEqual(12 * 1024);
  });

  it('has a first example that greets the server beside it, and again when the server comes back', async () => {
    const [client, server] = [...textOf('README.md').matchAll(/```js\n(\/\/ \w+\.mjs\n.*?)```/gs)].map(
      ([, text]) => text!,
    );
    const port = String(await closedPort());
    const start = (program: string): ChildProcess => {
      expect(program).toContain('1234');
      const child = spawn(process.execPath, ['--input-type=module'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.end(program.replace('1234', port));
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    let output = '';
    let greetings = 0;
    const greeted = async (times: number): Promise<void> =>
      expect.poll(() => greetings, { timeout: 15_000 }).toBe(times);
    const first = start(server!);
    start(client!)
      .stdout!.setEncoding('utf8')
      .on('data', (text: string) => {
        output += text;
        greetings = output.match(/^recv: hello$/gm)?.length ?? 0;
      });
    await greeted(1);
    const before = output.length;
    first.kill();
    const told = expect.poll(() => output.slice(before), { timeout: 15_000 });
    await told.toContain('error: The server could not be reached');
    start(server!);
    await greeted(2);
  });
});
