// Figures beside those of others: what a client needs for each that `ws` needs, and who needs less than this library. This file
// must not know how either is shown.

/** @import { RowResult } from './summary.mjs' */

import { nodeOf, plainMark } from './tables.mjs';

/** What is compared with is `ws` as its users run it fastest; without its add-ons only where those were not measured. */
const REFERENCES = ['ws+native', 'ws'];

/**
 * @param {RowResult} result
 * @param {string} peer
 * @returns {string | undefined} the peer that is `ws` on the same Node; undefined where it has no figure that could divide
 */
function referenceOf({ summaries }, peer) {
  const names = REFERENCES.map((name) => name + (isOnOtherNode(peer) ? nodeOf(peer) : ''));
  return names.find((name) => (summaries[name]?.figure ?? 0) > 0);
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @returns {number | undefined} what the peer needs for 1 that `ws` needs; undefined where either has no figure
 */
export function relativeToWs(result, peer) {
  const reference = referenceOf(result, peer);
  return reference === undefined ? undefined : relativeTo(result, peer, reference);
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @param {string} reference
 * @returns {number | undefined} what the peer needs for 1 that the reference needs; undefined where either has no figure
 */
export function relativeTo({ summaries }, peer, reference) {
  const figure = summaries[peer]?.figure;
  const divisor = summaries[reference]?.figure;
  return figure === undefined || divisor === undefined ? undefined : figure / divisor;
}

/**
 * @param {RowResult} result
 * @param {string[]} peers
 * @returns {string[]} those that need less than wsimd does, the least first: not those that leave out what the row is about,
 *   nor this library itself, on another Node or in another mode
 */
export function peersBelow(result, peers) {
  const { summaries } = result;
  const ours = summaries.wsimd?.figure ?? 0;
  return peers
    .filter((peer) => isOtherClient(peer) && !isOnOtherNode(peer) && plainMark(result, peer) === '')
    .filter((peer) => (summaries[peer]?.figure ?? ours) < ours)
    .sort((one, another) => (summaries[one]?.figure ?? 0) - (summaries[another]?.figure ?? 0));
}

/** @param {string} peer */
export function isOwn(peer) {
  return /^wsimd\b/.test(peer);
}

/** @param {string} peer */
function isOtherClient(peer) {
  return !isOwn(peer) && !/^floor\b/.test(peer);
}

/** @param {string} peer */
function isOnOtherNode(peer) {
  return /^@\d/.test(nodeOf(peer));
}
