// The shape that WebIDL gives to a class, and the npm package ws to its own: what a class of the language has otherwise.

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
