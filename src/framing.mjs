// The entry `wsimd/framing` for `import` on Node.js, Bun and Deno. It is shipped as it stands: the classes are those that
// `require` gets.

export * from './framing.cjs';
