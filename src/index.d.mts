// The types of the entry for `import`: those of what `require` gets. It is shipped as it stands.

export * from './index.cjs';
export { WebSocket as default } from './index.cjs';
