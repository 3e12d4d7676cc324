import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { installTool } from '../../tools/install.mjs';
import { makePerformAction, isVisible, launchBrowser, type Browser } from '../../tools/n8n/browser';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { startUser, type Row, type McpUser } from '../mcp/support/client';
import { loginOf } from '../mcp/support/server';

/**
 * The board in a real browser, driven by the host side of the extension's own package, with the built MCP server and a
 * sandbox behind it. BOARD_PICTURES names a folder for pictures of it.
 */

const HOST = `
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';
window.open_board = async (html, given, result, theme, capabilities) => {
  const frame = document.querySelector('iframe');
  const bridge = new AppBridge(null, { name: 'test host', version: '1' }, capabilities, { hostContext: { theme } });
  bridge.oncalltool = async ({ name, arguments: given }) => await window.call_tool(name, given ?? {});
  bridge.onsizechange = ({ height }) => { if (height) frame.style.height = height + 'px'; };
  const ready = new Promise((resolve) => { bridge.oninitialized = resolve; });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
  await ready;
  await bridge.sendToolInput({ arguments: given });
  await bridge.sendToolResult(result);
};
window.ready = true;
`;

let sandbox: Sandbox;
let user: McpUser;
let server: Server;
let browser: Browser | undefined;
let url: string;
let html: string;

beforeAll(async () => {
  const folder = await installTool('mcp-apps', 'the host side of MCP Apps (once, a few seconds)');
  const { outputFiles } = await build({
    stdin: { contents: HOST, resolveDir: folder },
    bundle: true,
    format: 'iife',
    write: false,
  });
  const script = outputFiles[0]?.text ?? '';
  const page = `<!doctype html><meta charset="utf-8"><body style="margin:0"><iframe sandbox="allow-scripts" style="border:0;width:100%;height:600px"></iframe><script src="/host.js"></script>`;
  server = createServer(({ url: path }, response) => {
    response.setHeader('content-type', path === '/host.js' ? 'text/javascript' : 'text/html');
    response.end(path === '/host.js' ? script : page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  sandbox = await startSandbox({ speed: 60 });
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--toolsets', 'all'] });
  html = await user.library.read('ui://coriolis/board');
  browser = await launchBrowser();
});
afterAll(async () => {
  server.close();
  await browser?.close();
  await user.close();
  await sandbox.stop();
});

/** Opens the board in a page of its own, as a host does after a call. */
async function board(
  toolName: string,
  given: Row,
  { theme = 'light', capabilities = { serverTools: {} } }: { theme?: string; capabilities?: object } = {},
) {
  if (browser === undefined) throw new Error('There is no browser');
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  const act = makePerformAction(page);
  const calls: string[] = [];
  const complaints: string[] = [];
  const requests: string[] = [];
  // The package of the host logs every message for debugging.
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  const answer = async (name: string, args: Row) => {
    const { isError, structured, text } = await user.call(name, args);
    return { isError, structuredContent: structured, content: [{ type: 'text', text }] };
  };
  await page.goto(url);
  await page.exposeFunction('call_tool', async (name: string, args: Row) => {
    calls.push(name);
    return await answer(name, args);
  });
  const result = await answer(toolName, given);
  const words = [html, given, result, theme, capabilities].map((one) => JSON.stringify(one)).join(',');
  await page.evaluate(`open_board(${words})`);
  const frame = page.frameLocator('iframe');
  await act({ what: `see the board of ${toolName}`, isDone: isVisible(frame.locator('svg')) });
  const folder = process.env['BOARD_PICTURES'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `board-${toolName}-${theme}.png`) });
  return { page, act, frame, calls, complaints, requests };
}

test('draws the estate, and refreshes by a call of a tool that only reads', async () => {
  const { page, act, frame, calls, complaints, requests } = await board('summarize_estate', {});

  expect(await frame.locator('main').textContent()).toContain('transfers');
  expect(await frame.locator('html').getAttribute('data-theme')).toBe('light');
  const isAnswered = isVisible(frame.locator('#refresh:not([disabled])'));
  await act({
    what: 'refresh the board',
    act: async () => {
      if (calls.length === 0) await frame.locator('#refresh').click();
    },
    isDone: async () => calls.length > 0 && (await isAnswered()),
  });
  expect(calls).toEqual(['summarize_estate']);
  expect(complaints).toEqual([]);
  // The page of the host and its script; the board itself asks for nothing.
  expect(requests).toEqual([url, `${url}host.js`]);
  await page.close();
});

test('draws what runs, in the theme of the host', async () => {
  const { structured } = await user.call('create_transfer', {
    origin_endpoint_id: 'vcenter',
    destination_endpoint_id: 'openstack',
    instances: ['slow-vm'],
    destination_environment: { migr_network: 'private' },
    network_map: { 'VM Network': 'private' },
    notes: '<img src=x onerror=alert(1)>',
  });
  await user.call('execute_transfer', { transfer_id: structured.result['id'] });
  const { page, frame, complaints } = await board('summarize_estate', {}, { theme: 'dark' });

  expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await frame.locator('main').textContent()).toContain('<img src=x onerror=alert(1)>');
  expect(await frame.locator('main img').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});

test('offers no refresh where the host calls no tools', async () => {
  const { page, frame } = await board('report_rpo', {}, { capabilities: {} });

  expect(await frame.locator('#refresh[hidden]').count()).toBe(1);
  expect(await frame.locator('main').textContent()).toContain('Objective (RPO)');
  await page.close();
});

test('its own script is the only one that its policy lets run', () => {
  expect(html).toMatch(/default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'unsafe-inline'/u);
  expect(html.match(/<script/gu)).toHaveLength(1);
});
