// The types of the entry for `import`: those of what `require` gets. It is shipped as it stands.

export * from './index.cjs';
export { WebSocket as default } from './index.cjs';

// As @types/node has them: with a `lib` that does not know them the types of AsyncTcpConnection would be an error, with one that does
// these are the same.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}
