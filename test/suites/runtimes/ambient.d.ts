// What is used of miniflare, which has an install of its own in this folder: types are checked without it.

declare module 'miniflare' {
  export class Miniflare {
    constructor(options: Readonly<Record<string, unknown>>);
    dispatchFetch(url: string, init: { readonly method: string; readonly body: string | null }): Promise<Response>;
    dispose(): Promise<void>;
  }
}
