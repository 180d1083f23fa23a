// A group's results as a picture: an SVG that stands for itself, for a README. It owns the layout, and must not know where
// figures come from; the axis is scale.mjs.
//
// Below each row's name there is one bar per client, with its name before it and its figure behind it, so that nobody has to
// tell a dozen colours apart. Many rows are in two columns, each with an axis of its own: the rows of a group go from small
// messages to large ones, and on one axis for all of them twice the cost would be a few pixels.

/** @import { ShownGroup } from '../groups.mjs' */
/** @import { RowResult } from './summary.mjs' */

import { colourOf } from './colours.mjs';
import { LogScale } from './scale.mjs';
import { figureText, nodeOf, PLAIN, plainMark } from './tables.mjs';

const WIDTH = 960;
const MARGIN = 24;
const COLUMN_GAP = 28;
const ROWS_IN_ONE_COLUMN = 6;

const TITLE_AT = 36;
const SUBTITLE_AT = 56;
const LEGEND_AT = 80;
const LEGEND_LINE = 18;
const SWATCH = 10;

const AXIS_HEIGHT = 22;
const ROW_NAME_HEIGHT = 18;
const ROW_GAP = 10;
const BAR_PITCH = 13;
const BAR_HEIGHT = 10;
/** From a line's top to the foot of its letters. */
const BASELINE = 9;
/** Before the bars and behind the longest of them: the longest name of a client, and a figure. */
const NAMES_WIDTH = 104;
const FIGURES_WIDTH = 48;
const TEXT_GAP = 5;
/** Of the fonts that system-ui stands for, at 10 px; none of them is wider on average, bold. */
const LETTER_WIDTH = 7;

const STYLE = [
  'text { font: 10px system-ui, sans-serif; fill: #1f2328 }',
  '.title { font-size: 18px; font-weight: 600 }',
  '.unit { font-size: 12px; fill: #57606a }',
  '.row { font-size: 11px; font-weight: 600 }',
  '.client { text-anchor: end }',
  '.tick { text-anchor: middle; fill: #57606a }',
  '.subject { font-weight: 700 }',
  'line { stroke: #d8dee4 }',
].join('\n');

/**
 * @param {ShownGroup} group
 * @param {RowResult[]} results of the group
 * @param {string[]} peers in the order of the bars
 * @returns {string} an SVG document
 */
export function chart(group, results, peers) {
  const shown = peers.filter((peer) => results.some(({ rounds }) => peer in rounds));
  const columns = inColumns(results, shown);
  const columnWidth = (WIDTH - 2 * MARGIN - (columns.length - 1) * COLUMN_GAP) / columns.length;
  const { svg: legendSvg, bottom: legendBottom } = legend(shown);
  const height = Math.max(...columns.map((column) => heightOf(column, shown))) + 2 * AXIS_HEIGHT;
  const title = `${group.title}: ${group.unit}`;
  const nodes = [...new Set(shown.map(nodeOf))].filter(Boolean).map((node) => `${node}: on Node ${node.slice(1)}`);
  const hasPlain = results.some((result) => shown.some((peer) => plainMark(result, peer) !== ''));
  const plain = hasPlain ? [`${PLAIN}: sends uncompressed`] : [];
  const content = columns.map((column, index) => {
    const left = MARGIN + index * (columnWidth + COLUMN_GAP);
    return columnSvg(column, shown, { left, top: legendBottom, width: columnWidth, height });
  });
  const total = legendBottom + height + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    // Of its own: a page may be dark.
    `<rect width="${WIDTH}" height="${total}" rx="8" fill="#ffffff"/>`,
    text(MARGIN, TITLE_AT, group.title, 'title'),
    text(
      MARGIN,
      SUBTITLE_AT,
      [group.unit, 'logarithmic scale', 'lower is better', ...nodes, ...plain].join('; '),
      'unit',
    ),
    legendSvg,
    ...content,
    '</svg>\n',
  ].join('\n');
}

/** @param {string} peer such as `ws@26` */
function libraryOf(peer) {
  return peer.split('@')[0] ?? peer;
}

/**
 * @param {RowResult[]} results
 * @param {string[]} shown
 * @returns {RowResult[][]} one column or two of about the same height
 */
function inColumns(results, shown) {
  if (results.length <= ROWS_IN_ONE_COLUMN) return [results];
  const total = heightOf(results, shown);
  const half = results.findIndex((_, index) => heightOf(results.slice(0, index), shown) >= total / 2);
  return [results.slice(0, half), results.slice(half)];
}

/**
 * @param {RowResult[]} results
 * @param {string[]} shown
 */
function heightOf(results, shown) {
  const bars = results.map((result) => barsOf(result, shown).length);
  return bars.reduce((height, count) => height + ROW_NAME_HEIGHT + count * BAR_PITCH + ROW_GAP, 0);
}

/**
 * @param {RowResult} result
 * @param {string[]} shown
 */
function barsOf({ rounds }, shown) {
  return shown.filter((peer) => peer in rounds);
}

/** @param {string[]} shown */
function legend(shown) {
  let left = MARGIN;
  let top = LEGEND_AT;
  const parts = shown.map((peer) => {
    const width = SWATCH + 3 * TEXT_GAP + peer.length * LETTER_WIDTH;
    if (left + width > WIDTH - MARGIN) {
      left = MARGIN;
      top += LEGEND_LINE;
    }
    const entry = [
      rectangle(left, top - BASELINE, SWATCH, SWATCH, colourOf(peer)),
      text(left + SWATCH + TEXT_GAP, top, peer, classOf(peer)),
    ];
    left += width;
    return entry.join('');
  });
  return { svg: parts.join('\n'), bottom: top + LEGEND_LINE };
}

/**
 * @param {RowResult[]} results
 * @param {string[]} shown
 * @param {{ left: number, top: number, width: number, height: number }} place
 */
function columnSvg(results, shown, { left, top, width, height }) {
  const scale = scaleOf(results);
  const barsLeft = left + NAMES_WIDTH;
  const barsWidth = width - NAMES_WIDTH - FIGURES_WIDTH;
  const parts = axis(scale, barsLeft, top, barsWidth, height);
  let y = top + AXIS_HEIGHT;
  for (const result of results) {
    // Beside the bars' names and over the lines of the axis, which would run through it.
    parts.push(text(left, y + BASELINE + 3, result.row.replaceAll('-', ' '), 'row'));
    y += ROW_NAME_HEIGHT;
    for (const peer of barsOf(result, shown)) {
      const figure = result.summaries[peer]?.figure;
      const length = figure === undefined ? 0 : scale.at(figure) * barsWidth;
      parts.push(
        text(barsLeft - TEXT_GAP, y + BASELINE, peer, `client ${classOf(peer)}`),
        rectangle(barsLeft, y, length, BAR_HEIGHT, colourOf(peer)),
        text(
          barsLeft + length + TEXT_GAP,
          y + BASELINE,
          figure === undefined ? 'failed' : figureText(result, peer),
          classOf(peer),
        ),
      );
      y += BAR_PITCH;
    }
    y += ROW_GAP;
  }
  return parts.join('\n');
}

/** @param {RowResult[]} results */
function scaleOf(results) {
  const figures = results.flatMap(({ summaries }) => Object.values(summaries).map(({ figure }) => figure));
  // Memory may have shrunk, which has no place on a logarithmic axis.
  const positive = figures.filter((figure) => figure > 0);
  return new LogScale(positive.length > 0 ? positive : [1]);
}

/**
 * @param {LogScale} scale
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 */
function axis(scale, left, top, width, height) {
  const bottom = top + height;
  return scale.ticks().flatMap((tick) => {
    const x = rounded(left + scale.at(tick) * width);
    const label = tick.toLocaleString('en', { maximumSignificantDigits: 1 });
    return [
      `<line x1="${x}" x2="${x}" y1="${top + AXIS_HEIGHT / 2}" y2="${bottom - AXIS_HEIGHT / 2}"/>`,
      text(x, top + BASELINE - 1, label, 'tick'),
      text(x, bottom, label, 'tick'),
    ];
  });
}

/** @param {string} peer */
function classOf(peer) {
  return libraryOf(peer) === 'wsimd' ? 'subject' : '';
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
