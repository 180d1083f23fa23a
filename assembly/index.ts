// The ABI: whoever opens this file sees the whole surface of core.wasm. The memory is exported besides.

export { decode, isCloseCode, skip } from './decode';
export { encode, encodeText, writeHeader } from './encode';
export { gather } from './gather';
export { mask } from './mask';
export {
  CONNECTION_RECORDS,
  KEYS,
  NESTED_TAPES,
  NESTED_WINDOWS,
  SCRATCH,
  SEND_BLOCKS,
  STAGING,
  TAPE,
  WINDOW,
} from './memory';
export { utf8ToUtf16, utf16ToUtf8 } from './transcode';
