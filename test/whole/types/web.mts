// The WebSocket of the web: its errors say why, and it fits where the runtime's own is.

import { WebSocket } from 'wsimd/web';

const socket = new WebSocket('ws://example.com', { headers: { authorization: 'Bearer x', 'x-none': undefined } });
socket.onerror = (event) => console.log(event.message.length, event.error?.code);
socket.onerror = ({ type }: Event) => console.log(type);
socket.addEventListener('error', ({ message, error, type }) => console.log(message.length, error?.phase, type));
socket.onmessage = ({ data }) => console.log(data);
globalThis.WebSocket = WebSocket;
