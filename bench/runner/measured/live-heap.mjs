// client.mjs in a program that has much to remember: what collections of the whole heap add to a row is what they have to look
// at. It owns what is remembered, and must not know rows or libraries. It runs unchanged on every runtime.
//
//   live-heap.mjs LIBRARY URL

import process from 'node:process';

const OBJECTS = 500_000;
/** Objects of one record of such a program: itself, its list, its tags, and the two strings that are its own. */
const OBJECTS_PER_RECORD = 5;

const records = Array.from({ length: OBJECTS / OBJECTS_PER_RECORD }, (_, id) => ({
  id,
  price: id / 7,
  name: `account ${id}`,
  amounts: [id, id + 1, id + 2, id / 3],
  tags: { kind: id % 2 === 0 ? 'bid' : 'ask', note: `changed by ${id % 977}`, isOpen: id % 3 === 0 },
}));

// Whoever looks at them at the end keeps them until then.
process.once('exit', () => {
  if (records.some(({ id, amounts }) => amounts[0] !== id)) throw new Error('what was to be remembered is gone');
});

await import('./client.mjs');
