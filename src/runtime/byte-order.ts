// The order of bytes that the host's numbers have: the core's are little-endian, as WebAssembly has it everywhere, and both read
// the same memory.

/** @param one the bytes of the number 1, as this host writes it. @throws Error on a big-endian host */
export function checkByteOrder(one: Uint8Array): void {
  if (one[0] === 1) return;
  throw new Error('wsimd needs a little-endian processor: its host and its WebAssembly core read the same memory.');
}
