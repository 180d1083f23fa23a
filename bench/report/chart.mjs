// Results as a picture: an SVG that stands for itself, on a page that says nothing else. It owns the layout, and must not know
// where figures come from.
//
// A bar is what a client needs for each 1 that `ws` needs, on one linear axis from 0 for all rows: of two bars the one of half
// the length is half the cost, in the same row and across rows. The figure itself, and how far the rounds were from each other,
// is behind the bar. What needs less than this library is named beside the row, so that it is not to be looked for.

/** @import { ShownChart } from '../groups.mjs' */
/** @import { Run } from '../runner/measure.mjs' */
/** @import { RowResult } from './summary.mjs' */

import { rowByName } from '../rows.mjs';
import { circumstances } from './circumstances.mjs';
import { colourOf } from './colours.mjs';
import { peerTitle, rowTitle, shortUnit } from './names.mjs';
import { isOwn, peersBelow, relativeToWs } from './relative.mjs';
import { LinearScale } from './scale.mjs';
import { figureText, PLAIN, plainMark, relativeText, spreadText } from './tables.mjs';

const WIDTH = 900;
const MARGIN = 24;
const TITLE_AT = 36;
const SUBTITLE_AT = 57;
const SUBTITLE_LINE = 16;

const AXIS_HEIGHT = 26;
const ROW_NAME_HEIGHT = 18;
const ROW_GAP = 10;
const BAR_PITCH = 13;
const BAR_HEIGHT = 10;
const NOTE_LINE = 14;
/** From a line's top to the foot of its letters. */
const BASELINE = 9;
/** Before the bars and behind the longest of them: the longest name of a client, and the figures. */
const NAMES_WIDTH = 142;
const FIGURES_WIDTH = 150;
const TEXT_GAP = 5;
/** A line of this many letters fits between the margins, in every font that system-ui stands for. */
const LETTERS_IN_A_LINE = 145;

const BARS_LEFT = MARGIN + NAMES_WIDTH;
const BARS_WIDTH = WIDTH - BARS_LEFT - FIGURES_WIDTH - MARGIN;

const STYLE = [
  'text { font: 10px system-ui, sans-serif; fill: #1f2328 }',
  '.title { font-size: 18px; font-weight: 600 }',
  '.unit { font-size: 12px; fill: #57606a }',
  '.row { font-size: 11px; font-weight: 600 }',
  '.less, .note, .tick { fill: #57606a }',
  '.less { font-weight: 400 }',
  '.client { text-anchor: end }',
  '.tick { text-anchor: middle }',
  '.subject { font-weight: 700 }',
  'line { stroke: #d8dee4 }',
  '.ws { stroke: #57606a }',
  // The lines of the axis are not to run through figures.
  '.figure, .row { paint-order: stroke; stroke: #ffffff; stroke-width: 3px }',
  '.spread { stroke: #1f2328 }',
].join('\n');

/** What the picture says of its bars, whichever they are. */
const HOW_TO_READ = '1 is what ws needs; linear scale from 0; shorter is better';

/**
 * @param {ShownChart} shown
 * @param {RowResult[]} results in the order in which they are drawn
 * @param {string[]} peers in the order of the bars
 * @param {Run[]} runs that the results are from
 * @returns {string} an SVG document
 */
export function chart({ title, quantity }, results, peers, runs) {
  const present = peers.filter((peer) => results.some(({ rounds }) => peer in rounds));
  const subtitle = [`${quantity}, relative to ws: ${HOW_TO_READ}`, ...marksOf(results, present)];
  const scale = scaleOf(results, present);
  const top = SUBTITLE_AT + subtitle.length * SUBTITLE_LINE;
  const { svg: rowsSvg, bottom } = rowsOf(results, present, scale, top + AXIS_HEIGHT);
  const notes = notesOf(runs, present);
  const notesTop = bottom + AXIS_HEIGHT + NOTE_LINE;
  const height = notesTop + notes.length * NOTE_LINE + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(`${title}: ${quantity}, relative to ws`)}</title>`,
    `<style>${STYLE}</style>`,
    // A ground of its own, since a page may be dark.
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>`,
    text(MARGIN, TITLE_AT, title, 'title'),
    ...subtitle.map((line, index) => text(MARGIN, SUBTITLE_AT + index * SUBTITLE_LINE, line, 'unit')),
    ...axis(scale, top, bottom),
    ...rowsSvg,
    ...notes.map((line, index) => text(MARGIN, notesTop + index * NOTE_LINE, line, 'note')),
    '</svg>\n',
  ].join('\n');
}

/**
 * @param {RowResult[]} results
 * @param {string[]} peers
 * @returns {string[]} what the marks behind figures mean, where there are any
 */
function marksOf(results, peers) {
  const hasPlain = results.some((result) => peers.some((peer) => plainMark(result, peer) !== ''));
  return hasPlain ? [`${PLAIN}: sends uncompressed what the others compress`] : [];
}

/**
 * @param {Run[]} runs
 * @param {string[]} peers
 * @returns {string[]} lines that fit
 */
function notesOf(runs, peers) {
  const sentences = runs.flatMap((run) => circumstances(run, peers));
  const spread = 'The line at the end of a bar, and ±, is the median absolute deviation of the rounds.';
  return [...new Set(sentences), spread].flatMap(wrapped);
}

/**
 * @param {RowResult[]} results
 * @param {string[]} peers
 */
function scaleOf(results, peers) {
  const ends = results.flatMap((result) => peers.map((peer) => endOf(result, peer) ?? 0));
  // What is compared with is to be seen wherever it ends.
  return new LinearScale([1, ...ends]);
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @returns {number | undefined} where the bar ends with its spread
 */
function endOf(result, peer) {
  const relative = relativeToWs(result, peer);
  return relative === undefined ? undefined : relative * (1 + (result.summaries[peer]?.spread ?? 0));
}

/**
 * @param {LinearScale} scale
 * @param {number} top
 * @param {number} bottom of the rows
 */
function axis(scale, top, bottom) {
  return scale.ticks().flatMap((tick) => {
    const x = rounded(BARS_LEFT + scale.at(tick) * BARS_WIDTH);
    const label = tick === 1 ? '1 = ws' : String(tick);
    const style = tick === 1 ? ' class="ws"' : '';
    return [
      `<line x1="${x}" x2="${x}" y1="${top + AXIS_HEIGHT / 2}" y2="${bottom}"${style}/>`,
      text(x, top + BASELINE, label, 'tick'),
      text(x, bottom + NOTE_LINE, label, 'tick'),
    ];
  });
}

/**
 * @param {RowResult[]} results
 * @param {string[]} peers
 * @param {LinearScale} scale
 * @param {number} top
 */
function rowsOf(results, peers, scale, top) {
  const svg = [];
  let y = top;
  for (const result of results) {
    svg.push(rowName(result, peers, y));
    y += ROW_NAME_HEIGHT;
    for (const peer of peers.filter((name) => name in result.rounds)) {
      svg.push(...barOf(result, peer, scale, y));
      y += BAR_PITCH;
    }
    y += ROW_GAP;
  }
  return { svg, bottom: y };
}

/**
 * @param {RowResult} result
 * @param {string[]} peers
 * @param {number} y
 */
function rowName(result, peers, y) {
  const below = peersBelow(result, peers).map(peerTitle);
  const less =
    below.length === 0 ? '' : `<tspan class="less" dx="8">less than wsimd: ${escaped(below.join(', '))}</tspan>`;
  const name = escaped(rowTitle(rowByName(result.row)));
  return `<text x="${MARGIN}" y="${y + BASELINE + 3}" class="row">${name}${less}</text>`;
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @param {LinearScale} scale
 * @param {number} y
 */
function barOf(result, peer, scale, y) {
  const relative = relativeToWs(result, peer);
  const length = scale.at(relative ?? 0) * BARS_WIDTH;
  const end = scale.at(endOf(result, peer) ?? 0) * BARS_WIDTH;
  const middle = y + BAR_HEIGHT / 2;
  // As much to the left of the bar's end as to the right of it.
  const [from, to] = [2 * length - end, end].map((x) => rounded(BARS_LEFT + x));
  return [
    text(BARS_LEFT - TEXT_GAP, y + BASELINE, peerTitle(peer), `client ${styleOf(peer)}`),
    rectangle(BARS_LEFT, y, length, BAR_HEIGHT, colourOf(peer)),
    `<line x1="${from}" x2="${to}" y1="${middle}" y2="${middle}" class="spread"/>`,
    text(
      BARS_LEFT + Math.max(length, end) + TEXT_GAP,
      y + BASELINE,
      labelOf(result, peer, relative),
      `figure ${styleOf(peer)}`,
    ),
  ];
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @param {number | undefined} relative
 */
function labelOf(result, peer, relative) {
  const summary = result.summaries[peer];
  if (summary === undefined) return 'failed';
  const figure = `${figureText(result, peer)} ${shortUnit(rowByName(result.row).unit)} ${spreadText(summary)}`;
  return relative === undefined ? `${figure}, without ws` : `${relativeText(relative)} (${figure})`;
}

/** @param {string} peer */
function styleOf(peer) {
  return isOwn(peer) ? 'subject' : '';
}

/**
 * @param {string} content
 * @returns {string[]}
 */
function wrapped(content) {
  /** @type {string[]} */
  const lines = [];
  for (const word of content.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LETTERS_IN_A_LINE) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} style
 */
function text(x, y, content, style) {
  return `<text x="${rounded(x)}" y="${y}"${style.trim() ? ` class="${style.trim()}"` : ''}>${escaped(content)}</text>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {string} fill
 */
function rectangle(x, y, width, height, fill) {
  return `<rect x="${rounded(x)}" y="${y}" width="${rounded(width)}" height="${height}" fill="${fill}"/>`;
}

/** @param {number} value in pixels */
function rounded(value) {
  return Math.round(value * 10) / 10;
}

/** @param {string} content */
function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
