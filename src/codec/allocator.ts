// The C library's allocator under Node on Linux (glibc) gives the top of its heap back to the system whenever 128 KiB of it
// are free, and takes it anew at the next message: a program that receives much pays for the page faults of all of it, again
// and again (1 MiB binary: 1,070 µs instead of 340). It stops doing so for good once it has seen that the program frees
// large blocks: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, "dynamic adjustment". This file lets it see one.

/** So much has to be received first: a program that never does keeps the memory instead. */
const ADAPT_AFTER_BYTES = 8 * 1024 * 1024;
/** The largest block that is adjusted to. Nobody writes there, so it costs no memory; from then on twice as much may stay free. */
const LARGEST_BLOCK_BYTES = 32 * 1024 * 1024 - 65_536;

let left = ADAPT_AFTER_BYTES;

/** To be told of `length` bytes that were allocated, or will be soon. */
export function adaptAllocator(length: number): void {
  if (left <= 0) return;
  left -= length;
  // Made by name, or a bundler would take it for a statement without effect. The garbage collector frees it.
  if (left <= 0) Reflect.construct(ArrayBuffer, [LARGEST_BLOCK_BYTES]);
}
