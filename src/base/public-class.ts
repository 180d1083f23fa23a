// What a public class shows of itself: its name, whatever a bundler makes of it, and the shape that WebIDL and the npm package ws
// give to theirs, where a class of the language has another.

/**
 * Keeps the name of a class. (A build that keeps every name by itself defines one for each closure at run time: 4 KB for each
 * open connection.)
 */
export function nameClass(publicClass: { readonly name: string }, name: string): void {
  Object.defineProperty(publicClass, 'name', { value: name, configurable: true });
}

/** Makes members enumerable. */
export function enumerate(prototype: object, names: readonly string[]): void {
  for (const name of names) Object.defineProperty(prototype, name, { enumerable: true });
}

/** Constants are on the class and on its prototype, for good. */
export function defineConstants(
  Class: { readonly prototype: object },
  constants: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(constants)) {
    for (const place of [Class, Class.prototype]) Object.defineProperty(place, name, { value, enumerable: true });
  }
}
