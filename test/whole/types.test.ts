// Programs written with @types/ws compile against this package, by each way in which TypeScript finds its types; once with a
// look at the types themselves (`skipLibCheck` off).

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { DIAL_OPTIONS } from '../../src/transport/contract';

const directory = fileURLToPath(new URL('types', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

function compile(names: readonly string[], ...options: string[]): string {
  const all = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, ...all, ...names], {
    cwd: directory,
    encoding: 'utf8',
  });
  // It did not compile, and has said nothing of it: then it did not run.
  if (status !== 0 && stdout === '') throw new Error(stderr);
  return stdout;
}

it('compile with moduleResolution node16, in CommonJS and as modules', () => {
  expect(readdirSync(directory).sort()).toEqual([
    'callback.mts',
    'commonjs.cts',
    'disposal.mts',
    'module.mts',
    'web.mts',
  ]);
  const programs = ['callback.mts', 'commonjs.cts', 'module.mts'];
  expect(compile(programs, '--module', 'node16', '--moduleResolution', 'node16')).toBe('');
}, 120_000);

it('compile with moduleResolution bundler', () => {
  expect(
    compile(['callback.mts', 'module.mts'], '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'),
  ).toBe('');
}, 120_000);

it('of disposal compile', () => {
  expect(compile(['disposal.mts'], '--module', 'nodenext', '--lib', 'es2022,esnext.disposable')).toBe('');
}, 120_000);

it('compile without @types/node and with a lib that knows no disposal: our own declarations have it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsimd-types-'));
  const config = join(folder, 'tsconfig.json');
  const complaints = (skipLibCheck: boolean): string => {
    const options = { noEmit: true, strict: true, target: 'es2022', types: [], lib: ['es2022', 'dom'], skipLibCheck };
    const compilerOptions = { ...options, module: 'nodenext' };
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [join(directory, 'callback.mts')] }));
    return spawnSync(process.execPath, [compiler, '-p', config], { encoding: 'utf8' }).stdout;
  };
  try {
    expect(complaints(true)).toBe('');
    // What is said of the declarations is of node: modules, and nothing of the symbols.
    expect(complaints(false)).not.toMatch(/dispose|SymbolConstructor/i);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

/** Options that have Node's types along with its names, where nothing is said of these. */
const OF_NODE = new Set<string>([...DIAL_OPTIONS, 'servername', 'checkServerIdentity', 'minDHSize', 'session']);

const built = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

/** What the declarations of these files export, and what is known of it. */
function exportsOf(...names: readonly string[]): { checker: ts.TypeChecker; names: Map<string, ts.Symbol>[] } {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const program = ts.createProgram(names.map(built), options);
  const checker = program.getTypeChecker();
  const exported = names.map((name) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(built(name))!)!;
    return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  });
  return { checker, names: exported };
}

it('have the same names for CommonJS as for modules', () => {
  const [module, commonJs] = exportsOf('index.d.cts', 'main.d.cts').names;
  const missing = [...module!.keys()].filter((name) => name !== 'default' && !commonJs!.has(name));
  expect(missing).toEqual([]);
  expect(module!.size).toBeGreaterThan(40);
}, 120_000);

it('document every option of connect()', () => {
  const { checker, names } = exportsOf('index.d.cts');
  const options = checker.getDeclaredTypeOfSymbol(names[0]!.get('ConnectOptions')!);
  const all = checker.getPropertiesOfType(options);
  const silent = all.filter((property) => property.getDocumentationComment(checker).length === 0);
  expect(silent.map(({ name }) => name).filter((name) => !OF_NODE.has(name))).toEqual([]);
  expect(all.length).toBeGreaterThan(50);
}, 120_000);

it.each([[[]], [['--lib', 'es2023']]])(
  'of the web compile with the DOM and without it: %j',
  (lib) => {
    expect(compile(['web.mts'], '--module', 'nodenext', '--skipLibCheck', ...lib)).toBe('');
  },
  120_000,
);
