// In place of src/runtime/wasm-bytes.ts: a host that cannot compile the binary.

export function compile(): never {
  throw new Error('a test has it so');
}
