// Scenarios of `wsimd/framing` alone. They do not know what is injected into them.

import { FramingLine } from '../framing-line';
import type { Scenario } from '../play';
import { chat, haul, opened } from '../talk';

export const framingContext: Scenario = {
  name: 'framing, compressed, bytes on loan',
  async play(stage) {
    const { modules, calls } = stage;
    const options = { compression: 'context', more: { binaryDelivery: 'borrow' }, calls } as const;
    const line = await opened(stage, new FramingLine(modules, 'subject', options));
    await chat(stage, line);
    line.pipe.deliver(line.pipe.peer.ping('a ping'));
    await chat(stage, line);
  },
};

export const framingPlain: Scenario = {
  name: 'framing, plain, failing allocations',
  kinds: ['allocation'],
  async play(stage) {
    const { modules, calls } = stage;
    const line = await opened(stage, new FramingLine(modules, 'subject', { compression: 'none', calls }));
    await chat(stage, line);
    await haul(stage, line);
  },
};
