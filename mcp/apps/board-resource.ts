import { createHash } from 'node:crypto';
import script from 'view:board';
import { PAGE_STYLE, PICTURE_STYLE, THEME_STYLE } from '../../src/pictures/css-style';

/** Resource URI of the board view, and its media type for hosts that render views (extension MCP Apps). */
export const BOARD_URI = 'ui://coriolis/board';
export const BOARD_MEDIA_TYPE = 'text/html;profile=mcp-app';

const OWN_STYLE =
  'body{padding:8px;max-width:none}header{display:flex;gap:12px;align-items:center;justify-content:space-between}#line{margin:0}button{font:inherit;color:var(--ink);background:var(--track);border:1px solid var(--line);border-radius:6px;padding:4px 12px;cursor:pointer}button:disabled{opacity:.5}';

/**
 * HTML page of the board view. Its content security policy names the hash of its own script, so no other runs, and
 * allows no connections, images or frames. The host sends the data in messages.
 */
function boardPage(): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Coriolis</title>',
    `<style>${PAGE_STYLE}${PICTURE_STYLE}${THEME_STYLE}${OWN_STYLE}</style></head><body>`,
    '<header><p id="line" class="soft" role="status">Waiting for the result.</p><button id="refresh" type="button" hidden>Refresh</button></header>',
    '<main id="drawing"></main>',
    `<script>${script}</script></body></html>`,
  ].join('\n');
}

/** Resource content with the board view. It asks for no origins, so hosts allow it no connections. */
export const makeBoardResourceContent = () => ({
  uri: BOARD_URI,
  mimeType: BOARD_MEDIA_TYPE,
  text: boardPage(),
  _meta: { ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true } },
});
