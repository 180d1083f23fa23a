// What an AsyncTcpConnection calls, by name: options of these names are meant for its properties.

export const CALLBACK_NAMES = [
  'onConnect',
  'onWebSocketConnect',
  'onMessage',
  'onMessageStart',
  'onWebSocketPing',
  'onWebSocketPong',
  'onWebSocketClose',
  'onClose',
  'onError',
  'onBufferFull',
  'onBufferDrain',
  'onReconnect',
  'onReconnectFailed',
  'onUnsent',
] as const;
