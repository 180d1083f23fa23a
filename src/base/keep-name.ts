// The names of public classes, which the build shortens like all others. (A build that keeps every name by itself defines one
// for each closure at run time: 4 KB for each open connection.)

export function keepName(publicClass: { readonly name: string }, name: string): void {
  Object.defineProperty(publicClass, 'name', { value: name, configurable: true });
}
