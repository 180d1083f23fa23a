// The ABI: whoever opens this file sees the whole surface of core.wasm. The memory is exported besides.

export { decode, skip } from './decode';
export { encode, encodeText, writeHeader } from './encode';
export { gather } from './gather';
export { takeInflated } from './inflated';
export { mask } from './mask';
export { TABLES_END } from './memory';
export { utf8Length } from './utf8-length';
export { utf8ToLatin1 } from './utf8-to-latin1';
export { utf8ToUtf16 } from './utf8-to-utf16';
export { utf16ToUtf8 } from './utf16-to-utf8';
