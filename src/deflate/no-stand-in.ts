// Nothing stands in for zlib's streams in a bundle for the edge: it has no 4 KB to spare for a runtime that has never been seen.

import type { StandIn } from './stand-in';

export const standIn: StandIn | undefined = undefined;
