// Each script becomes a test: it runs with `ws` and with wsimd side by side, and the two logs must be the same.

import { describe, expect, test } from 'vitest';
import * as ws from 'ws';
import * as wsimd from '../../../src/index';
import { difference } from './lines';
import { owned } from './owned';
import { ownedInCompression } from './owned-compression';
import type { Script } from './script';
import { type Implementation, Stage } from './stage';

/** With this set, `ws` is compared with itself: a script whose logs differ then compares accidents. */
const isControl = process.env.WS_DIFFERENTIAL === 'control';
const theirs = { ...ws, name: 'ws' } as unknown as Implementation;
const ours = isControl ? theirs : ({ ...wsimd, name: 'wsimd' } as unknown as Implementation);

export function compare(area: string, scripts: readonly Script[]): void {
  const ownedHere = isControl ? [] : [...owned, ...ownedInCompression].filter((one) => one.area === area);
  describe.concurrent(area, () => {
    for (const { name, run } of scripts) {
      test(name, async () => {
        const [expected, found] = await Promise.all([Stage.perform(theirs, run), Stage.perform(ours, run)]);
        // A script that fails on `ws` shows nothing.
        expect(expected.join('\n')).not.toContain('the script failed');
        const lines = difference(expected, found);
        const own = ownedHere.find(({ script }) => script === name)?.lines ?? [];
        expect(lines, lines.join('\n')).toEqual(
          own.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
        );
      });
    }

    test('every name is that of one script, and every difference has its script', () => {
      const names = scripts.map(({ name }) => name);
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
      expect(ownedHere.filter(({ script }) => !names.includes(script))).toEqual([]);
    });
  });
}
