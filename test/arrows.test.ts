// The house as src/README.md draws it: imports run in the direction of the arrows, and in callback/ and codec/ no types go in a
// circle. (Those of ws/ do: the class, its events and its options name each other in the types that programs know from the npm
// package `ws`.)

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** What each room may import from, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: ['assembly'],
  runtime: ['base', 'build'],
  deflate: ['runtime', 'base'],
  handshake: ['deflate', 'runtime', 'base'],
  codec: ['handshake', 'deflate', 'runtime', 'base', 'assembly'],
  'transport/contract': [],
  transport: ['transport/contract', 'handshake', 'runtime', 'base'],
  sending: ['codec', 'handshake', 'transport/contract', 'runtime', 'base', 'assembly'],
  connection: ['sending', 'codec', 'handshake', 'transport', 'transport/contract', 'runtime', 'base'],
  options: ['handshake', 'deflate', 'transport/contract', 'base'],
};
const BELOW_FACES = Object.keys(ARROWS);
const FACES = ['callback', 'ws', 'web', 'framing'];
const ENTRIES = 'entries';

/** By its name in package.json: where an import of it leads. */
const INTERNAL: Readonly<Record<string, string>> = {
  '#wasm': 'runtime/wasm-bytes.ts',
  '#zlib': 'runtime/zlib-node.ts',
  '#stand-in': 'deflate/stand-in.ts',
  '#transport': 'transport/node/node.ts',
};

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path);
    return /(?<!\.d)\.ts$/.test(entry.name) ? [relative(src, path)] : [];
  });
}

const files = filesOf(src);

/** The files that a file names, types included; of this project only. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(src, file), 'utf8'), true, true);
  return importedFiles.flatMap(({ fileName: name }) => {
    if (name.startsWith('#')) return [INTERNAL[name]!];
    if (!name.startsWith('.')) return [];
    const path = relative(src, join(src, dirname(file), name));
    return [files.includes(`${path}.ts`) ? `${path}.ts` : path];
  });
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

function roomOf(file: string): string {
  if (file === 'transport/contract.ts') return 'transport/contract';
  if (file.startsWith('../')) return file.split('/')[1]!;
  return file.includes('/') ? file.split('/')[0]! : ENTRIES;
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === ENTRIES) return to !== 'assembly';
  if (FACES.includes(from)) return BELOW_FACES.includes(to);
  return ARROWS[from]!.includes(to);
}

/** A way from the file back to itself. */
function circleOf(file: string, room: string, path: readonly string[] = [file]): readonly string[] | undefined {
  for (const next of imports.get(path.at(-1)!)!) {
    if (next === file) return [...path, file];
    if (roomOf(next) !== room || path.includes(next)) continue;
    const circle = circleOf(file, room, [...path, next]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe('src', () => {
  it('has the rooms that are drawn, and nothing but entries at its root', () => {
    const rooms = [...new Set(files.map(roomOf))].sort();
    expect(rooms).toEqual([...BELOW_FACES, ...FACES, ENTRIES].sort());
    const entries = files.filter((file) => roomOf(file) === ENTRIES);
    expect(entries).toEqual(['common.ts', 'framing.ts', 'index.ts', 'portable.ts', 'web.ts']);
  });

  it('has no import against the arrows', () => {
    const wrong = files.flatMap((file) =>
      imports
        .get(file)!
        .filter((to) => !mayImport(roomOf(file), roomOf(to)))
        .map((to) => `${file} → ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('names every file that it imports', () => {
    const missing = [...imports.values()].flat().filter((to) => !to.startsWith('../') && !files.includes(to));
    expect(missing).toEqual([]);
  });
});

describe.each(['callback', 'codec'])('%s/', (room) => {
  it('has no circle of types', () => {
    const circles = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => circleOf(file, room)?.join(' → ') ?? []);
    expect(circles).toEqual([]);
  });
});
