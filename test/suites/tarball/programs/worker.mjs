// The conversation inside of a Worker: a request with the URL as its body is answered with what the drop-in for ws says there.

import WebSocket from 'wsimd';
import { talk } from './talk.mjs';

export default {
  async fetch(request) {
    try {
      await talk(await request.text());
      return new Response(dropInSays());
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};

function dropInSays() {
  try {
    return `nothing, it is ${new WebSocket('ws://127.0.0.1/')}`;
  } catch (error) {
    return error.message;
  }
}
