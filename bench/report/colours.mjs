// One colour per client, the same in all charts. Those of this library are warm and strong, the others cool or grey; the same
// library on another Node has a lighter shade of its colour.

/** @type {Record<string, string>} */
const COLOURS = {
  wsimd: '#d9480f',
  'wsimd-borrow': '#e8a200',
  'wsimd-level-6': '#b3541e',
  'ws+native': '#1f5fa8',
  ws: '#5b9bd5',
  undici: '#6741a8',
  builtin: '#a0559f',
  bun: '#5f6b76',
  deno: '#2b8a8a',
  beast: '#2f7d3b',
  'beast+read-ahead': '#7aa83c',
  gorilla: '#5ae196',
  libwebsockets: '#12343b',
  plain: '#8a6d3b',
  floor: '#a3a9af',
};
const OTHER = '#777777';

/** How much white is mixed in. */
/** @type {Record<string, number>} */
const LIGHTER = { '@22': 0.2, '@24': 0.35, '@26': 0.5 };

const FULL = 255;

/**
 * @param {string} peer such as `ws@26`
 * @returns {string} such as `#d9480f`
 */
export function colourOf(peer) {
  const [library = '', node] = peer.split('@');
  const colour = COLOURS[library] ?? OTHER;
  const white = LIGHTER[`@${node}`] ?? 0;
  return colour.replaceAll(/[0-9a-f]{2}/g, (digits) => {
    const value = Number.parseInt(digits, 16);
    return Math.round(value + (FULL - value) * white)
      .toString(16)
      .padStart(2, '0');
  });
}
