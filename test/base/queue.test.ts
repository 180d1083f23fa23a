// The queue of connections (src/base/queue.ts) is an array, only that taking the first costs the same however many wait.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../src/base/queue';

interface Item {
  readonly number: number;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), times: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('shift' as const), times: fc.integer({ min: 1, max: 200 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('putBack', 'putBackAll', 'replaceLast', 'takeAll'),
      times: fc.constant(1),
    }),
  },
);

describe('a queue', () => {
  it('is what an array is, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new Queue<Item>();
        let model: Item[] = [];
        let number = 0;
        const next = (): Item => {
          number += 1;
          return { number };
        };
        for (const step of steps) {
          for (let i = 0; i < step.times; i += 1) {
            const item = next();
            if (step.do === 'push') {
              queue.push(item);
              model.push(item);
            } else if (step.do === 'shift') {
              expect(queue.shift()).toBe(model.shift());
            } else if (step.do === 'putBack') {
              queue.putBack(item);
              model.unshift(item);
            } else if (step.do === 'putBackAll') {
              const items = [item, { number: -item.number }];
              queue.putBackAll(items);
              model.unshift(...items);
            } else if (step.do === 'replaceLast' && model.length > 0) {
              queue.replaceLast(item);
              model[model.length - 1] = item;
            } else if (step.do === 'takeAll') {
              expect(queue.takeAll()).toEqual(model);
              model = [];
            }
            expect([queue.length, queue.isEmpty]).toEqual([model.length, model.length === 0]);
            expect(queue.first).toBe(model[0]);
            expect(queue.last).toBe(model.at(-1));
          }
        }
        expect(queue.takeAll()).toEqual(model);
      }),
    );
  });

  it('does not keep what was taken', () => {
    const queue = new Queue<Item>();
    for (let number = 0; number < 10; number += 1) queue.push({ number });
    queue.shift();
    // What is not referred to can be collected: nothing in it is the item.
    expect(JSON.stringify(queue)).not.toContain('{"number":0}');
    expect(JSON.stringify(queue)).toContain('{"number":1}');
  });

  it('does not grow while as many are taken as come', () => {
    const queue = new Queue<Item>();
    for (let number = 0; number < 100_000; number += 1) {
      queue.push({ number });
      if (number >= 50) expect(queue.shift()!.number).toBe(number - 50);
    }
    expect(JSON.stringify(queue).length).toBeLessThan(10_000);
  });
});
