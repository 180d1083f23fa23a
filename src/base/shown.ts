// How a public object is printed (util.inspect of Node.js, which Bun and Deno ask for by the same symbol): what a person wants to
// know of it, and neither secrets nor internals.

/** Where the runtime asks. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

interface Options {
  readonly depth: number | null;
}

type Inspect = (value: unknown, options: object) => string;

/**
 * @param members what is shown, besides what users have added themselves; undefined is left out
 * @param hidden members of the object itself that say nothing
 */
export function showAs<Self extends object>(
  Class: { readonly prototype: Self },
  members: (self: Self) => object,
  hidden: readonly string[] = [],
): void {
  function inspected(this: Self, depth: number, options: Options, inspect: Inspect): string {
    const { name } = this.constructor;
    if (depth < 0) return `[${name}]`;
    const own = Object.entries(this).filter(([key]) => !hidden.includes(key));
    const shown = Object.entries({ ...members(this), ...Object.fromEntries(own) });
    const inner = options.depth === null ? null : options.depth - 1;
    const defined = Object.fromEntries(shown.filter(([, value]) => value !== undefined));
    return `${name} ${inspect(defined, { ...options, depth: inner })}`;
  }
  Object.defineProperty(Class.prototype, INSPECT, { value: inspected, writable: true, configurable: true });
}

/** A URL or a reference without user name, password, query and fragment, where programs keep secrets. */
export function withoutSecrets(url: string): string {
  const query = url.search(/[?#]/);
  const bare = query === -1 ? url : url.slice(0, query);
  return bare.replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/]*@/i, '$1//');
}
