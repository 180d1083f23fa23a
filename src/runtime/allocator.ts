// What those below do not see by themselves when a program receives much: the C library, that memory is needed again and
// again; the garbage collector, that most of it is garbage.

import { builtinModule, isBun, isDeno, nodeMajor } from './which';

// The C library's allocator under Node on Linux (glibc) gives the top of its heap back to the system whenever 128 KiB of it
// are free, and takes it anew at the next message: a program that receives much pays for the page faults of all of it, again
// and again (1 MiB binary: 1,070 µs instead of 340). It stops doing so for good once it has seen that the program frees
// large blocks: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, "dynamic adjustment".

/** So much has to be received first: a program that never does keeps the memory instead. */
const ADAPT_AFTER_BYTES = 8 * 1024 * 1024;
/**
 * The largest block that is adjusted to. Nobody writes there, so it costs no memory; from then on twice as much may stay free.
 */
const LARGEST_BLOCK_BYTES = 32 * 1024 * 1024 - 65_536;

let left = ADAPT_AFTER_BYTES;

/** To be told of `length` bytes that were allocated, or will be soon. */
export function adaptAllocator(length: number): void {
  if (left <= 0) return;
  left -= length;
  // The garbage collector frees it.
  if (left <= 0) makeForNothing(LARGEST_BLOCK_BYTES);
}

/** By name, or a bundler would take it for a statement without effect. Nothing depends on it. */
function makeForNothing(bytes: number): void {
  try {
    Reflect.construct(ArrayBuffer, [bytes]);
  } catch {
    // What there is no room for presses no less.
  }
}

// V8 collects its young generation when that is full of objects, or once the ArrayBuffers it refers to hold twice its largest
// size: 32 MiB on Node 20, 64 on Node 26. A program that does nothing but receive large messages makes hardly any objects, so
// on Node 26 a hundred MiB of dead messages lay around, each new one in memory that no cache held. With some garbage of its
// own for each message, V8 collects earlier: 1 GiB in messages of 1 MiB grew the process by 30 MiB instead of 100, and each
// cost 369 µs instead of 509; on Node 20 the figures stay.

/** For so many bytes in ArrayBuffers one element of garbage, which is eight bytes: a sixteenth. */
const BYTES_PER_ELEMENT = 128;
/** Larger arrays are not of the young generation's pages. */
const MOST_ELEMENTS = 8_000;

// From Node.js 24 on V8 collects its whole heap, too, when so many ArrayBuffers have come that were not freed yet: 64 MiB. That costs a
// program by what it keeps. With half a million live objects 1 KiB of binary cost 0.93 µs, of which 0.5 were that, 16 KiB 12, and 1 MiB
// anything from 162 to 582. With four fifths of garbage the young generation is collected before that: 0.4, 5, and 200 to 257. In a
// small heap it is the other way round: the garbage would cost a fifth, and the collections are cheap.

const BYTES_PER_ELEMENT_IN_LARGE_HEAP = 10;
/** Of the old generation: half a million objects are 21 MiB, a program that does little else than receive has 3. */
const LARGE_HEAP_BYTES = 12 * 1024 * 1024;
/** Between two looks at its size, of ten microseconds each. */
const LOOK_AFTER_BYTES = 64 * 1024 * 1024;

interface Heap {
  getHeapSpaceStatistics(): readonly { readonly space_name: string; readonly space_used_size: number }[];
}

const isCollectedByBuffers = nodeMajor >= 24 && !isBun && !isDeno;

let garbage: unknown[] = [];
let bytesPerElement = BYTES_PER_ELEMENT;
let bytesToLook = LOOK_AFTER_BYTES;

/** To be told of `length` bytes in an ArrayBuffer that whoever gets it will soon forget, or not. */
export function remindCollector(length: number): void {
  bytesToLook -= length;
  if (bytesToLook < 0) lookAtHeap();
  for (let left = Math.ceil(length / bytesPerElement); left > 0; left -= MOST_ELEMENTS) {
    garbage = new Array(Math.min(left, MOST_ELEMENTS));
  }
  // The last one may go too.
  garbage.length = 0;
}

function lookAtHeap(): void {
  bytesToLook = LOOK_AFTER_BYTES;
  if (!isCollectedByBuffers) return;
  const spaces = builtinModule<Heap>('node:v8')?.getHeapSpaceStatistics();
  const old = spaces?.find(({ space_name: name }) => name === 'old_space');
  const isLarge = old !== undefined && old.space_used_size > LARGE_HEAP_BYTES;
  bytesPerElement = isLarge ? BYTES_PER_ELEMENT_IN_LARGE_HEAP : BYTES_PER_ELEMENT;
}

/**
 * V8 collects all of its heap when ArrayBuffers of so many bytes came since it did so last. Nobody writes there, so it costs no
 * memory: with 32 MiB the collector waits, with 64 it comes.
 */
const PRESSING_BYTES = 64 * 1024 * 1024;

/** To be called when objects were made that are small and hold much. */
export function pressCollector(): void {
  makeForNothing(PRESSING_BYTES);
}
