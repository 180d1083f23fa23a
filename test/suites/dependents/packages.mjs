// The packages, in the order in which they are run, and where each finds its ws.

/**
 * `script` is the script without `.mjs`; `overrides` are the packages whose ws npm overrides; `peers` are those to which ws is a
 * peer, which npm cannot override for one package. A package with neither is given its class by the script.
 * @typedef {{ name: string, script: string, overrides?: string[], peers?: string[] }} Package
 */

/** @type {Package[]} */
export const PACKAGES = [
  { name: 'socket.io-client', script: 'socket.io-client', overrides: ['engine.io-client'] },
  { name: 'mqtt', script: 'mqtt', overrides: ['mqtt'] },
  { name: 'graphql-ws', script: 'graphql-ws' },
  { name: 'isomorphic-ws', script: 'isomorphic-ws', peers: ['isomorphic-ws'] },
  { name: 'reconnecting-websocket', script: 'reconnecting-websocket' },
  { name: 'partysocket', script: 'partysocket' },
  { name: 'rpc-websockets', script: 'rpc-websockets', overrides: ['rpc-websockets'] },
  { name: 'ethers', script: 'ethers', overrides: ['ethers'] },
  { name: 'viem', script: 'viem', overrides: ['viem'] },
  { name: '@supabase/realtime-js', script: 'supabase-realtime' },
  { name: 'puppeteer-core', script: 'puppeteer-core', overrides: ['puppeteer-core'] },
  { name: 'jsdom', script: 'jsdom', overrides: ['jsdom'] },
  { name: 'nats.ws', script: 'nats.ws' },
  { name: '@stomp/stompjs', script: 'stompjs' },
  { name: '@slack/socket-mode', script: 'slack-socket-mode', overrides: ['@slack/socket-mode'] },
  { name: 'openai', script: 'openai', peers: ['openai'] },
  { name: 'centrifuge', script: 'centrifuge' },
  { name: 'phoenix', script: 'phoenix' },
  { name: '@microsoft/signalr', script: 'signalr', overrides: ['@microsoft/signalr'] },
  { name: 'chrome-remote-interface', script: 'chrome-remote-interface', overrides: ['chrome-remote-interface'] },
  { name: 'ocpp-rpc', script: 'ocpp-rpc', overrides: ['ocpp-rpc'] },
  { name: 'obs-websocket-js', script: 'obs-websocket-js' },
];
