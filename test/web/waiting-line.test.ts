// Turns: who begins when, what becomes of one that cannot begin, and what a long queue costs.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ListenerList } from '../../src/web/listener-list';
import { PlaceInLine } from '../../src/web/waiting-line';
import { rawServer } from '../support/servers';
import { connecting, logOf } from '../support/web-log';

/** A name for each test: the queues are those of the thread. */
let places = 0;
function queue(): {
  place: string;
  begun: string[];
  failed: unknown[];
  take(name: string, error?: Error): PlaceInLine;
} {
  places += 1;
  const place = `place ${places}`;
  const begun: string[] = [];
  const failed: unknown[] = [];
  const take = (name: string, error?: Error): PlaceInLine =>
    PlaceInLine.wait(
      place,
      () => {
        begun.push(name);
        if (error !== undefined) throw error;
      },
      (cause) => failed.push(cause),
    );
  return { place, begun, failed, take };
}

/** The least time of several that what is returned takes, in milliseconds: `prepare` makes it, and is not counted. */
function least(prepare: () => () => void): number {
  const once = (): number => {
    const run = prepare();
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  return Math.min(...Array.from({ length: 7 }, once));
}

describe('PlaceInLine', () => {
  it('begins in the order of the coming, and passes over those who left', () => {
    const { begun, take } = queue();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => take(name));
    b!.end();
    expect(begun).toEqual(['a']);
    a!.end();
    a!.end();
    expect(begun).toEqual(['a', 'c']);
    d!.end();
    const e = take('e');
    c!.end();
    expect(begun).toEqual(['a', 'c', 'e']);
    e.end();
    take('f').end();
    expect(begun).toEqual(['a', 'c', 'e', 'f']);
  });

  it('that throws at once is thrown to who took it, and stands in nobody’s way', () => {
    const { begun, take } = queue();
    expect(() => take('a', new Error('mine'))).toThrow('mine');
    take('b');
    expect(begun).toEqual(['a', 'b']);
  });

  it('that throws later fails by itself', () => {
    const { begun, failed, take } = queue();
    const mine = new Error('mine');
    const a = take('a');
    const b = take('b', mine);
    take('c');
    a.end();
    expect([begun, failed]).toEqual([['a', 'b'], [mine]]);
    b.end();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['from the first', (turns: PlaceInLine[]) => turns],
    ['from the last', (turns: PlaceInLine[]) => turns.reverse()],
    ['the first at last', ([first, ...others]: PlaceInLine[]) => [...others, first!]],
  ])('costs each the same, however many wait: %s', (_, order) => {
    const ends = (count: number) => (): (() => void) => {
      const { place } = queue();
      const nothing = (): void => {};
      const turns = order(Array.from({ length: count }, () => PlaceInLine.wait(place, nothing, nothing)));
      return () => {
        for (const turn of turns) turn.end();
      };
    };
    // Eight times as many: 8 and what memory adds; with a list that each is looked up in and cut out of, 94 to 120.
    expect(least(ends(64_000)) / least(ends(8_000))).toBeLessThan(50);
  });
});

describe('a WebSocket whose turn comes when it cannot begin any more', () => {
  it('fails alone: neither the one before it nor the one behind it', async () => {
    const server = await rawServer('ws');
    const values = ['fine'];
    const first = connecting(server.url);
    const second = connecting(server.url, { headers: { 'X-Mine': values } });
    const third = connecting(server.url);
    const logs = [first, second, third].map((webSocket) => logOf(webSocket));
    const closed = once(second, 'close');
    const peer = await server.peer();
    values[0] = 'a\r\nX-Injected: yes';
    await peer.accept();
    await closed;
    await server.acceptedPeer();
    await logs[2]!.until('open');
    expect(logs.map(({ events }) => events)).toEqual([['open'], ['error', 'close 1006 false'], ['open']]);
  });
});

describe('ListenerList', () => {
  const made = (callback: object, capture = false, isAttribute = false) => ({
    ...{ callback, capture, isAttribute, once: false, passive: false, signal: undefined, isRemoved: false },
  });

  it('keeps the order and finds each, with few and with many', () => {
    const list = new ListenerList();
    const [callback, other] = [{}, {}];
    const first = [made(callback), made(callback, true), made(callback, false, true)];
    for (const listener of first) list.add(listener);
    const more = Array.from({ length: 100 }, () => made({}));
    for (const listener of more) list.add(listener);
    expect(list.all()).toEqual([...first, ...more]);
    // What an attribute calls changes.
    first[2]!.callback = other;
    expect([list.find(callback, false), list.find(callback, true), list.find(other, false)]).toEqual([
      ...first.slice(0, 2),
      undefined,
    ]);
    expect(list.find(more[99]!.callback, false)).toBe(more[99]);
    for (const listener of [...more, ...first.slice(1)]) list.remove(listener);
    expect([list.all(), list.only]).toEqual([[first[0]], first[0]]);
    list.remove(first[0]!);
    list.add(first[1]!);
    expect([list.all(), list.only, list.find(callback, false)]).toEqual([[first[1]], first[1], undefined]);
  });

  it('costs each the same, however many there are', () => {
    /** How often it looks at what a listener calls. */
    const looks = (count: number): number => {
      let counted = 0;
      const list = new ListenerList();
      const listeners = Array.from({ length: count }, () => {
        const callback = {};
        return Object.defineProperty(made(callback), 'callback', {
          get: () => {
            counted += 1;
            return callback;
          },
        });
      });
      for (const listener of listeners) if (list.find(listener.callback, false) === undefined) list.add(listener);
      for (const listener of listeners) list.remove(listener);
      return counted;
    };
    expect(looks(8_000) / looks(4_000)).toBeLessThan(2.5);
  });
});
