// What is seen of a connection from outside: the channels, where a runtime has such, and how it is printed. See ../cases.ts.

import type { Cases } from '../cases';
import { expectSame, expectTrue, Impossible } from '../stage';

interface Channels {
  subscribe(name: string, subscriber: (message: unknown) => void): void;
  unsubscribe(name: string, subscriber: (message: unknown) => void): void;
}

interface Lender {
  readonly process?: { getBuiltinModule?(name: string): Channels | undefined };
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

interface Shown {
  [INSPECT](depth: number, options: object, inspect: (value: unknown) => string): string;
}

export const WATCHING: Cases = {
  async 'the channels tell of each face'(stage) {
    const channels = (globalThis as Lender).process?.getBuiltinModule?.('node:diagnostics_channel');
    if (channels?.subscribe === undefined) throw new Impossible('there are no channels');
    const seen: string[] = [];
    const subscribers = (['open', 'close'] as const).map((name) => {
      const subscriber = (message: unknown): void => {
        const { face, host } = message as { readonly face: string; readonly host: string };
        seen.push(`${face} ${name} ${host}`);
      };
      channels.subscribe(`wsimd:${name}`, subscriber);
      return () => channels.unsubscribe(`wsimd:${name}`, subscriber);
    });
    try {
      const { connection, told } = await stage.open('/echo');
      connection.close();
      await told.until('close');
      const web = stage.webSocket('/echo');
      await web.told.until('open');
      web.socket.close();
      await web.told.until('close');
    } finally {
      for (const unsubscribe of subscribers) unsubscribe();
    }
    const { hostname } = new URL(stage.place.ws);
    expectSame(
      seen,
      ['callback', 'web'].flatMap((face) => [`${face} open ${hostname}`, `${face} close ${hostname}`]),
    );
  },

  async 'a connection that is printed shows where it goes and its state'(stage) {
    const { connection } = await stage.open('/echo?secret');
    const shown = (connection as unknown as Shown)[INSPECT](2, { depth: 2 }, (value) => JSON.stringify(value));
    expectTrue(/\/echo"/.test(shown) && !shown.includes('secret'), `it shows ${shown}`);
    expectTrue(/ESTABLISHED/.test(shown), `it shows ${shown}`);
  },
};
