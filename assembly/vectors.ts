// Vectors of loops, in memory: V8 makes a constant anew at each use, in several instructions (1 KiB of Korean text took 514 ns to
// transcode with constants, 416 with loads; for the validation see utf8.ts).

export const BYTES_8: usize = memory.data<u32>([0x08080808, 0x08080808, 0x08080808, 0x08080808], 16);
export const BYTES_0F: usize = memory.data<u32>([0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f], 16);
export const BYTES_40: usize = memory.data<u32>([0x40404040, 0x40404040, 0x40404040, 0x40404040], 16);
export const BYTES_60: usize = memory.data<u32>([0x60606060, 0x60606060, 0x60606060, 0x60606060], 16);
export const BYTES_70: usize = memory.data<u32>([0x70707070, 0x70707070, 0x70707070, 0x70707070], 16);
export const BYTES_80: usize = memory.data<u32>([0x80808080, 0x80808080, 0x80808080, 0x80808080], 16);
export const BYTES_BF: usize = memory.data<u32>([0xbfbfbfbf, 0xbfbfbfbf, 0xbfbfbfbf, 0xbfbfbfbf], 16);
export const BYTES_C0: usize = memory.data<u32>([0xc0c0c0c0, 0xc0c0c0c0, 0xc0c0c0c0, 0xc0c0c0c0], 16);
export const BYTES_C3: usize = memory.data<u32>([0xc3c3c3c3, 0xc3c3c3c3, 0xc3c3c3c3, 0xc3c3c3c3], 16);
export const BYTES_E0: usize = memory.data<u32>([0xe0e0e0e0, 0xe0e0e0e0, 0xe0e0e0e0, 0xe0e0e0e0], 16);
export const BYTES_EF: usize = memory.data<u32>([0xefefefef, 0xefefefef, 0xefefefef, 0xefefefef], 16);
export const BYTES_F0: usize = memory.data<u32>([0xf0f0f0f0, 0xf0f0f0f0, 0xf0f0f0f0, 0xf0f0f0f0], 16);

export const UNITS_3F: usize = memory.data<u32>([0x003f003f, 0x003f003f, 0x003f003f, 0x003f003f], 16);
export const UNITS_80: usize = memory.data<u32>([0x00800080, 0x00800080, 0x00800080, 0x00800080], 16);
export const UNITS_C0: usize = memory.data<u32>([0x00c000c0, 0x00c000c0, 0x00c000c0, 0x00c000c0], 16);
export const UNITS_7FF: usize = memory.data<u32>([0x07ff07ff, 0x07ff07ff, 0x07ff07ff, 0x07ff07ff], 16);
export const UNITS_800: usize = memory.data<u32>([0x08000800, 0x08000800, 0x08000800, 0x08000800], 16);
export const UNITS_D800: usize = memory.data<u32>([0xd800d800, 0xd800d800, 0xd800d800, 0xd800d800], 16);
export const UNITS_DC00: usize = memory.data<u32>([0xdc00dc00, 0xdc00dc00, 0xdc00dc00, 0xdc00dc00], 16);
export const UNITS_F800: usize = memory.data<u32>([0xf800f800, 0xf800f800, 0xf800f800, 0xf800f800], 16);
export const UNITS_FC00: usize = memory.data<u32>([0xfc00fc00, 0xfc00fc00, 0xfc00fc00, 0xfc00fc00], 16);

export const WORDS_3F: usize = memory.data<u32>([0x0000003f, 0x0000003f, 0x0000003f, 0x0000003f], 16);
export const WORDS_80: usize = memory.data<u32>([0x00000080, 0x00000080, 0x00000080, 0x00000080], 16);
export const WORDS_C0: usize = memory.data<u32>([0x000000c0, 0x000000c0, 0x000000c0, 0x000000c0], 16);
export const WORDS_E0: usize = memory.data<u32>([0x000000e0, 0x000000e0, 0x000000e0, 0x000000e0], 16);
export const WORDS_800: usize = memory.data<u32>([0x00000800, 0x00000800, 0x00000800, 0x00000800], 16);
