// What the compiler has placed itself, for whoever looks after that: it must lie below the regions of layout.ts.

/** Behind the tables and vectors of the transcoders and of the validation. */
export const TABLES_END: usize = __heap_base;
