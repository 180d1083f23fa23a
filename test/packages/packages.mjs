// The packages, in the order in which they are run, and where each finds its ws.

/**
 * `script` is the script without `.mjs`; `overrides` are the packages whose ws npm overrides; `peers` are those to which ws is a
 * peer, which npm cannot override for one package. A package with neither is given its class by the script.
 * @typedef {{ name: string, script: string, overrides?: string[], peers?: string[] }} Package
 */

/** @type {Package[]} */
export const PACKAGES = [{ name: 'socket.io-client', script: 'socket.io-client', overrides: ['engine.io-client'] }];
