// `npm run build:wasm`, its second half: makes build/fall-back.js, the same core in JavaScript, for hosts that have no WebAssembly,
// no SIMD, or no room for its memory. The sources are compiled without SIMD, and binaryen turns what comes of them into
// JavaScript. Nothing in it makes code of strings.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import binaryen from 'assemblyscript/binaryen';
import { transform } from 'esbuild';

const build = (name) => fileURLToPath(new URL(`../build/${name}`, import.meta.url));

const files = new Map();
const { error, stderr } = await asc.main(['assembly/index.ts', '--target', 'fall-back'], {
  writeFile: (name, contents) => files.set(name, contents),
});
if (error) throw new Error(`${error.message}\n${stderr}`);

const module = binaryen.readBinary(files.get('build/fall-back.wasm'));
const { BulkMemory, BulkMemoryOpt, MutableGlobals, SignExt } = binaryen.Features;
module.setFeatures(BulkMemory | BulkMemoryOpt | MutableGlobals | SignExt);
binaryen.setOptimizeLevel(3);
const emitted = module.emitAsmjs();

const instance = between(emitted, 'function asmFunc(imports) {', 'var retasmFunc');
const copy = between(emitted, 'function wasm2js_memory_copy', 'function asmFunc');
const { code } = await transform(
  // What is copied within belongs to the instance. Its data are tables for SIMD, which nobody reads here.
  `export function makeFallBack() {
    var bufferView;
    ${copy}
    ${without(instance, 'initActiveSegments(imports);')}
    return asmFunc();
  }`,
  { minify: true, format: 'esm', target: 'es2022' },
);
writeFileSync(build('fall-back.js'), code);
writeFileSync(build('fall-back.d.ts'), 'export function makeFallBack(): unknown;\n');

function between(text, start, end) {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`binaryen has written no "${start}" in front of a "${end}".`);
  return text.slice(from, to);
}

function without(text, part) {
  if (!text.includes(part)) throw new Error(`binaryen has written no "${part}".`);
  return text.replace(part, '');
}
