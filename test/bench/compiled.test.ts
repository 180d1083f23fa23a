// Clients of the benchmark that are compiled: once, under their name only when they are whole, and where they cannot be, a
// sentence says what is not there. The compiler here is Node, and what it makes is a script.

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { rows } from '../../bench/rows.mjs';
import { type Compiled, programOf } from '../../bench/runner/compiled.mjs';
import { beast, gorilla, libwebsockets } from '../../bench/runner/native.mjs';
import { candidates } from '../../bench/runner/peers.mjs';

const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));
const NAME = `compiled-in-a-test-${process.pid}`;

/** A compiler that writes a program which says this of itself. */
function saying(version: string): Compiled {
  const script = `#!/bin/sh\necho ${version}\n`;
  const code = (path: string) =>
    `fs.writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(script)}, { mode: 0o755 })`;
  return {
    name: NAME,
    library: 'Library',
    sources: ['gorilla.go'],
    compilers: ['no-such-compiler', process.execPath],
    asksVersion: ['--version'],
    noCompiler: 'no compiler.',
    hasLibrary: () => true,
    noLibrary: 'no library.',
    compile: (_source, program) => ['-e', code(program)],
  };
}

function written(): string[] {
  mkdirSync(BUILD, { recursive: true });
  return readdirSync(BUILD).filter((file) => file.startsWith(NAME));
}

afterEach(() => {
  for (const file of written()) rmSync(BUILD + file);
});

describe('a client that is compiled', () => {
  it('is there by its own name, and says what it was built from', () => {
    expect(programOf(saying('library 1.2, compiler 3'))).toEqual({
      path: BUILD + NAME,
      version: 'library 1.2, compiler 3',
    });
    expect(written()).toEqual([NAME]);
  });

  it('is compiled once', () => {
    programOf(saying('first'));
    expect(programOf(saying('second'))).toMatchObject({ version: 'first' });
    // Neither compiler nor library is needed any more.
    expect(programOf({ ...saying('third'), compilers: [] })).toMatchObject({ version: 'first' });
  });

  it('is absent without its compiler, or without its library', () => {
    expect(programOf({ ...saying(''), compilers: ['no-such-compiler'] })).toEqual({ why: 'no compiler.' });
    expect(programOf({ ...saying(''), hasLibrary: () => false })).toEqual({ why: 'no library.' });
    expect(written()).toEqual([]);
  });

  it('is absent where it does not compile, with the first error', () => {
    const failing = {
      ...saying(''),
      compile: () => ['-e', 'console.error("so\\nan error\\nand so"); process.exit(1)'],
    };
    expect(programOf(failing)).toEqual({ why: 'its client does not compile with this Library: an error' });
    expect(written()).toEqual([]);
  });
});

describe('the native clients', () => {
  it.each([beast, gorilla, libwebsockets])('$name has its sources, and names the packages it wants', (compiled) => {
    for (const file of compiled.sources) {
      expect(readFileSync(new URL(`../../bench/clients/${file}`, import.meta.url), 'utf8')).not.toBe('');
    }
    expect(compiled.noCompiler).toMatch(/\(Debian has .* in [a-z+-]+\)\.$/);
    expect(compiled.noLibrary).toMatch(/\(Debian has .* in [a-z-]+\)\.$/);
  });

  // To be asked it is compiled, where it can be.
  const found = candidates.find(({ name }) => name === 'gorilla')!.find();

  it.skipIf(typeof found === 'string')('take the rows of one connection that they can do', () => {
    if (typeof found === 'string') return;
    const taken = rows.filter((row) => found.command(row, '') !== undefined);
    expect(taken.every(({ client, secure }) => client === 'client.mjs' && !secure)).toBe(true);
    const compressed = taken.flatMap(({ perMessageDeflate }) => perMessageDeflate ?? []);
    expect(compressed).toHaveLength(9);
    expect(compressed.every((agreed) => agreed.serverNoContextTakeover && agreed.clientNoContextTakeover)).toBe(true);
  });
});
