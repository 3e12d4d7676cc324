/**
 * Colours and fonts of all pictures. Light or dark follows the reader's setting; prints are always light. Every pair of
 * text and background colours has a contrast of at least 4.5 to 1.
 */
const LIGHT = `--ground:#ffffff;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--track:#eef1f4;--done:#1a7f37;--running:#0969da;--waiting:#6e7781;--stalled:#9a6700;--failed:#cf222e;--canceled:#8250df;--none:#6e7781`;
const DARK = `--ground:#0d1117;--ink:#e6edf3;--soft:#9aa4ae;--line:#30363d;--track:#1c222b;--done:#3fb950;--running:#58a6ff;--waiting:#8b949e;--stalled:#d29922;--failed:#f85149;--canceled:#bc8cff;--none:#8b949e`;

const states = ['done', 'running', 'waiting', 'stalled', 'failed', 'canceled', 'none'];

/** CSS rules of a picture, part of every self-contained SVG. */
export const PICTURE_STYLE = [
  `.picture{${LIGHT};font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px;color:var(--ink)}`,
  `@media (prefers-color-scheme:dark){.picture{${DARK}}}`,
  `@media print{.picture{${LIGHT}}}`,
  // An outline in the background colour keeps lines away from the letters.
  '.picture text{fill:var(--ink);stroke:var(--ground);stroke-width:2.5px;stroke-linejoin:round;paint-order:stroke}',
  '.picture .small{font-size:11px;fill:var(--soft)}',
  '.picture .title{font-size:16px;font-weight:600}',
  '.picture .end{text-anchor:end}.picture .middle{text-anchor:middle}',
  '.picture .ground{fill:var(--ground)}.picture .track{fill:var(--track)}',
  '.picture .grid{stroke:var(--line);stroke-width:1;fill:none}',
  '.picture .frame{stroke:var(--soft);stroke-width:1;fill:none}',
  '.picture .limit{stroke:var(--failed);stroke-width:1.5;stroke-dasharray:5 3;fill:none}',
  '.picture .now{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 2;fill:none}',
  '.picture .symbol path{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}',
  ...states.map(
    (state) =>
      `.picture .bar.${state}{fill:var(--${state})}.picture .symbol.${state} path{stroke:var(--${state})}`,
  ),
  '.picture .symbol.running path{fill:var(--running)}',
].join('');

/** CSS rules of an HTML page, in addition to those of its pictures. */
export const PAGE_STYLE = [
  `:root{color-scheme:light dark;${LIGHT}}`,
  `@media (prefers-color-scheme:dark){:root{${DARK}}}`,
  `@media print{:root{${LIGHT}}}`,
  'body{margin:0 auto;padding:24px;max-width:1040px;background:var(--ground);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}',
  'h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 8px}p{margin:6px 0}',
  '.soft{color:var(--soft)}.facts{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0;padding:0;list-style:none}',
  '.facts li{border:1px solid var(--line);border-radius:6px;padding:8px 14px;min-width:96px}.facts b{display:block;font-size:20px}',
  // On a narrow screen a picture scrolls, instead of shrinking until nobody can read it, and says so.
  '.wide{overflow-x:auto}svg{max-width:100%;height:auto}.wide .picture{display:block;min-width:720px}.state svg{vertical-align:-1px}',
  '@media screen and (max-width:760px){.wide .picture{min-width:960px}figure.wide::before{content:"Scroll sideways to see all of the picture.";display:block;position:sticky;left:0;color:var(--soft);font-size:12px}}',
  'table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}',
  'th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}',
  'td.number,th.number{text-align:right}td.unbroken{white-space:nowrap}code{font:12px ui-monospace,Consolas,monospace;overflow-wrap:anywhere}',
  '@page{margin:14mm}@media print{body{padding:0;max-width:none}.wide{overflow:visible}.wide .picture{min-width:0}thead{display:table-header-group}tr,svg{break-inside:avoid}h2{break-after:avoid}}',
  'figure{margin:12px 0}figcaption{color:var(--soft)}',
].join('');

/**
 * CSS rules for a page whose host program sets the theme: the attribute `data-theme` of the root element is light or
 * dark.
 */
export const THEME_STYLE = [
  `:root[data-theme=light]{color-scheme:light;${LIGHT}}:root[data-theme=dark]{color-scheme:dark;${DARK}}`,
  `:root[data-theme=light] .picture{${LIGHT}}:root[data-theme=dark] .picture{${DARK}}`,
].join('');
