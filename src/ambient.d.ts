// What the compilers cannot know by themselves: AssemblyScript's `i32` in the shared layout, and `.wasm` imports.

type i32 = number;

declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
