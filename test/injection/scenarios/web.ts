// Scenarios of `wsimd/web`. They do not know what is injected into them.

import type { Scenario } from '../play';
import { chat, haul, opened } from '../talk';
import { StreamLine, WebLine } from '../web-lines';

export const webPlain: Scenario = {
  name: 'web, WebSocket, plain',
  throwsUncaught: true,
  async play(stage) {
    const { modules, calls } = stage;
    const line = await opened(stage, new WebLine(modules, 'subject', { compression: 'none', holdsEvery: 2, calls }));
    await chat(stage, line);
    await haul(stage, line);
    line.close();
    await stage.turns(4);
  },
};

export const webContext: Scenario = {
  name: 'web, WebSocket, compressed',
  throwsUncaught: true,
  async play(stage) {
    const { modules, calls } = stage;
    const options = { compression: 'context', reading: 'early', calls } as const;
    const line = await opened(stage, new WebLine(modules, 'subject', options));
    await chat(stage, line);
    await chat(stage, line);
  },
};

export const webStream: Scenario = {
  name: 'web, WebSocketStream, compressed',
  throwsUncaught: true,
  async play(stage) {
    const { modules, calls } = stage;
    const line = await opened(stage, new StreamLine(modules, 'subject', { compression: 'alone', calls }));
    await chat(stage, line);
    await stage.turns(12);
    line.close();
    await stage.turns(4);
  },
};
