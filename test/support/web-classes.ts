// The classes of the WHATWG face under test, in one place: those of wsimd, or with WSIMD_WEB_CONTROL=undici those of undici,
// which Node.js has as globals. What holds for both is what the standard says rather than what we made of it.

import { test } from 'vitest';
import type { WebSocketInit } from '../../src/web';
import * as ours from '../../src/web';

/** Whether undici stands in for us. */
export const isControl = process.env.WSIMD_WEB_CONTROL === 'undici';

const undici = isControl ? await import('undici') : undefined;
const classes = undici === undefined ? ours : (undici as unknown as typeof ours);

export const { WebSocket, CloseEvent, MessageEvent } = classes;
export type WebSocket = ours.WebSocket;

/** A test of what wsimd has beyond the standard, or of what undici does otherwise: it says what. */
export function oursOnly(_reason: string): typeof test.skip {
  return test.skipIf(isControl);
}

/** What undici has of it is its base URL. */
export const configure: typeof ours.configure =
  undici === undefined ? ours.configure : ({ baseURL }) => undici.setGlobalOrigin(baseURL);

/** The class as programs without types see it. */
// biome-ignore lint/suspicious/noExplicitAny: tests pass what types forbid
export const Untyped = WebSocket as unknown as new (...values: any[]) => WebSocket;

export type { WebSocketInit };
