// The house as src/README.md draws it: imports run in the direction of the arrows, and no types go in a circle. (Those of ws/ do:
// the class, its events and its options name each other in the types that programs know from the npm package `ws`.)

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** Files that others than their room may import from. */
const GATES = [
  'assembly/layout',
  'assembly/close-codes',
  'transport/contract',
  'transport/foreign',
  'transport/proxy/tunnel',
  'sending/first-byte',
];

/** What each room or gate may import from, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: ['assembly/layout'],
  runtime: ['base', 'build'],
  deflate: ['runtime', 'base'],
  handshake: ['deflate', 'runtime', 'base'],
  codec: ['handshake', 'deflate', 'runtime', 'base', 'assembly/layout', 'assembly/close-codes'],
  'transport/contract': [],
  'transport/foreign': ['transport/contract', 'runtime', 'base'],
  'transport/proxy/tunnel': ['transport/proxy', 'transport/contract', 'runtime', 'base'],
  'transport/proxy': ['transport/contract', 'handshake', 'base'],
  'transport/node': ['transport/proxy/tunnel', 'transport/contract', 'runtime', 'base'],
  transport: ['transport/proxy/tunnel', 'transport/contract', 'runtime', 'base'],
  'sending/first-byte': ['assembly/layout'],
  sending: ['sending/first-byte', 'codec', 'handshake', 'transport/contract', 'runtime', 'base', 'assembly/layout'],
  connection: [
    '#transport',
    'transport/contract',
    'transport/foreign',
    'transport/proxy/tunnel',
    'sending',
    'codec',
    'handshake',
    'runtime',
    'base',
  ],
  options: ['handshake', 'deflate', 'transport/contract', 'runtime', 'base'],
  framing: ['sending/first-byte', 'codec', 'handshake', 'deflate', 'options', 'runtime', 'base'],
};
const BELOW_FACES = [
  ...['connection', 'sending', 'sending/first-byte', 'codec', 'handshake', 'deflate', 'options'],
  ...['transport/contract', 'runtime', 'base'],
];
const FACES = ['callback', 'ws', 'web'];
const ENTRIES = 'entries';
/** Two files of faces know a part of a transport. */
const EXCEPTIONS = [
  'ws/http-request.ts → transport/node/node.ts',
  'callback/backoff.ts → transport/proxy/negotiation.ts',
];

/** By its name in package.json: where an import of it leads. */
const INTERNAL: Readonly<Record<string, string>> = {
  '#wasm': 'runtime/wasm-bytes.ts',
  '#fall-back': 'runtime/fall-back.ts',
  '#host': 'runtime/host-node.ts',
  '#timers': 'runtime/timers.ts',
  '#zlib': 'runtime/zlib-node.ts',
  '#stand-in': 'deflate/stand-in.ts',
  '#socket-options': 'options/socket-options.ts',
  '#transport': '#transport',
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
    // The package itself, by the name that its users have for it.
    if (/^wsimd(\/|$)/.test(name)) return ['index.ts'];
    if (!name.startsWith('.')) return [];
    const path = relative(src, join(src, dirname(file), name));
    return [files.includes(`${path}.ts`) ? `${path}.ts` : path];
  });
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

function roomOf(file: string): string {
  const place = file.replace(/^(\.\.\/)*/, '').replace(/\.ts$/, '');
  if (place.startsWith('#') || GATES.includes(place)) return place;
  const [room, next, last] = place.split('/');
  if (next === undefined) return ENTRIES;
  return room === 'transport' && last !== undefined ? `${room}/${next}` : room!;
}

function mayImport(from: string, to: string): boolean {
  if (from === to || from.startsWith(`${to}/`)) return true;
  if (from === ENTRIES) return to !== 'assembly/layout';
  if (FACES.includes(from)) return BELOW_FACES.includes(to);
  return ARROWS[from]!.includes(to);
}

/** A way from the file back to itself. */
function circleOf(file: string, room: string, path: readonly string[] = [file]): readonly string[] | undefined {
  for (const next of imports.get(path.at(-1)!)!) {
    if (next === file) return [...path, file];
    if (next.split('/')[0] !== room || path.includes(next)) continue;
    const circle = circleOf(file, room, [...path, next]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe('src', () => {
  it('has the rooms that are drawn, and nothing but entries at its root', () => {
    const rooms = [...new Set(files.map(roomOf))].sort();
    expect(rooms).toEqual([...Object.keys(ARROWS), ...FACES, ENTRIES].sort());
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
    expect(wrong.sort()).toEqual([...EXCEPTIONS].sort());
  });

  it('names every file that it imports', () => {
    const missing = [...imports.values()].flat().filter((to) => !/^(\.\.\/|#)/.test(to) && !files.includes(to));
    expect(missing).toEqual([]);
  });
});

describe.each([...new Set(files.map((file) => file.split('/')[0]!))].filter((room) => room !== 'ws'))('%s', (room) => {
  it('has no circle of types', () => {
    const circles = files
      .filter((file) => file.split('/')[0] === room)
      .flatMap((file) => circleOf(file, room)?.join(' → ') ?? []);
    expect(circles).toEqual([]);
  });
});

/** Classes of ours that may be asked for by `instanceof`, since nobody else makes their objects. For all others: base/brands.ts. */
const OWN_CLASSES = {
  WsimdError: 'an error that has its sentence already',
  HandshakeError: 'the one of those that has an answer',
  ProxyError: 'the one of those that has a proxy’s answer',
  WebSocketError: 'what a program aborts a stream with, made by the class of wsimd/web',
  FilePath: 'a value of options.ssl that is to be read from a file',
  Dispatching: 'what stands for the target of an event of ours',
} as const;

describe('instanceof', () => {
  /** The classes that a file asks for. */
  function classesAskedOf(file: string): string[] {
    const asked: string[] = [];
    const visit = (node: ts.Node): void => {
      const isAsked = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
      if (isAsked) asked.push(node.right.getText());
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true));
    return asked;
  }

  it('is asked of classes of ours alone: what a runtime or a program makes may be of another realm', () => {
    expect([...new Set(files.flatMap(classesAskedOf))].sort()).toEqual(Object.keys(OWN_CLASSES).sort());
  });
});
