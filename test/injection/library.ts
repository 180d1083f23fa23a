// Which library the faults are injected into: the sources beside these tests, or those of the folder that WSIMD_SOURCES names.
// It must not know what is done with them.

import { pathToFileURL } from 'node:url';

export interface Library {
  readonly main: typeof import('../../src/index');
  readonly web: typeof import('../../src/web');
  readonly framing: typeof import('../../src/framing');
  /** What the connections of the thread have in use of what they share; undefined where the library cannot tell. */
  readonly census: (() => Readonly<Record<string, number>>) | undefined;
}

type Shared = { readonly census?: Library['census'] };

/** Newly evaluated where the caller has forgotten the modules before, as vitest's `resetModules` does. */
export async function loadLibrary(): Promise<Library> {
  const folder = process.env.WSIMD_SOURCES;
  const from = (name: string): Promise<unknown> =>
    import(/* @vite-ignore */ `${pathToFileURL(folder!).href}/${name}.ts`);
  const [main, web, framing] = (
    folder === undefined
      ? await Promise.all([import('../../src/index'), import('../../src/web'), import('../../src/framing')])
      : await Promise.all([from('index'), from('web'), from('framing')])
  ) as [Library['main'], Library['web'], Library['framing']];
  return { main, web, framing, census: await loadCensus(folder) };
}

/** The census is not in the package, and older sources have none. */
async function loadCensus(folder: string | undefined): Promise<Library['census']> {
  const place = folder === undefined ? new URL('../../src', import.meta.url) : pathToFileURL(folder);
  const shared = await import(/* @vite-ignore */ `${place.href}/codec/shared.ts`).then(
    (module: Shared) => module,
    () => undefined,
  );
  return shared?.census;
}
