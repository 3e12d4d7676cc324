// npm run screenshot: the pictures of docs/images, taken in a real n8n with the packed nodes and a sandbox behind them.
// Needs Chromium on the machine (Debian: apt-get install chromium); CHROMIUM names another place than /usr/bin/chromium.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startSandboxProcess } from '../test/support/sandboxProcess';
import { root, say, tool } from './install.mjs';
import { credentialFor, templates, type WorkflowFile } from './n8n-client';
import { startN8n, type N8nServer } from './n8n-server';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const IMAGES = join(root, 'docs', 'images');
const SIZE = { width: 1440, height: 860 };

/** What is used of playwright-core, which is installed in the cache and not here. */
interface Locator {
  first(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  click(): Promise<void>;
  dblclick(): Promise<void>;
  fill(text: string): Promise<void>;
  waitFor(): Promise<void>;
  screenshot(options: { path: string }): Promise<unknown>;
}
interface Page {
  goto(url: string): Promise<unknown>;
  locator(selector: string): Locator;
  waitForURL(pattern: string): Promise<void>;
  waitForTimeout(ms: number): Promise<void>;
  keyboard: { press(key: string): Promise<void> };
  screenshot(options: {
    path: string;
    clip?: Record<'x' | 'y' | 'width' | 'height', number>;
  }): Promise<unknown>;
}
interface Browser {
  newPage(options: { viewport: typeof SIZE; deviceScaleFactor: number }): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

type Node = WorkflowFile['nodes'][number];

const byId = (selector: string): string => `[data-test-id="${selector}"]`;

function nodeOf(template: string, name: string): Node {
  const node = templates()
    .find((workflow) => workflow.name === template)
    ?.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`The template "${template}" has no node "${name}"`);
  return node;
}

/** Nodes of a template in one row, each wired to the next. */
function row(
  template: string,
  names: readonly string[],
  y: number,
): Pick<WorkflowFile, 'nodes' | 'connections'> {
  const nodes = names.map((name, index): Node => ({
    ...nodeOf(template, name),
    position: [index * 200, y],
  }));
  const links = names
    .slice(1)
    .map((name, index) => [names[index], { main: [[{ node: name, type: 'main', index: 0 }]] }]);
  return { nodes, connections: Object.fromEntries(links) as WorkflowFile['connections'] };
}

/** The nodes of the templates without their notes and branches: small enough to be read in a README. */
function picture(): WorkflowFile {
  const migrate = row(
    'Migrate a VM with Coriolis',
    [
      'Start',
      'Check the source',
      'Create the transfer',
      'Execute the transfer',
      'Wait for the execution',
      'Deploy',
      'Wait for the deployment',
    ],
    0,
  );
  const alert = row(
    'Alert on finished Coriolis executions',
    ['When something has finished', 'Did not complete', 'Write the message', 'Send the message'],
    256,
  );
  const chosen = (value: string, cachedResultName: string) => ({
    __rl: true,
    mode: 'list',
    value,
    cachedResultName,
  });
  const source = chosen('vcenter', 'vcenter (vmware_vsphere)');
  const set: Record<string, Record<string, unknown>> = {
    'Check the source': { endpointId: source },
    'Create the transfer': {
      originEndpointId: source,
      destinationEndpointId: chosen('', ''),
      instances: ['web-01'],
    },
  };
  return {
    name: 'Move machines, and hear of those that failed',
    nodes: [...migrate.nodes, ...alert.nodes].map((node) => ({
      ...node,
      parameters: { ...node.parameters, ...set[node.name] },
    })),
    connections: { ...migrate.connections, ...alert.connections },
  };
}

async function logIn(page: Page, n8n: N8nServer): Promise<void> {
  await page.goto(`${n8n.url}/signin`);
  await page.locator('input[type=email], input[autocomplete=email]').first().fill(n8n.owner.email);
  await page.locator('input[type=password]').fill(n8n.owner.password);
  await page.locator('button:has-text("Sign in")').click();
  await page.waitForURL('**/home/**');
}

/** Long enough for n8n's animations; nothing in the page tells when they are over. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(2500);

async function takeCanvas(page: Page): Promise<void> {
  await page.keyboard.press('1');
  await settle(page);
  await page.screenshot({
    path: join(IMAGES, 'canvas.png'),
    clip: { x: 60, y: 215, width: 1325, height: 460 },
  });
}

/** The form of a transfer: its destination is chosen from the list, and the list opened once more for the picture. */
async function takeNode(page: Page): Promise<void> {
  await page.locator(`${byId('canvas-node')}[data-node-name="Create the transfer"]`).dblclick();
  await settle(page);
  const destination = page.locator(byId('rlc-input-container')).nth(1);
  await destination.click();
  await page
    .locator(`${byId('rlc-item')}:has-text("openstack")`)
    .first()
    .click();
  await settle(page);
  await destination.click();
  await page.locator(byId('rlc-item')).first().waitFor();
  await settle(page);
  await page.screenshot({ path: join(IMAGES, 'node.png') });
  for (let layer = 0; layer < 2; layer += 1) await page.keyboard.press('Escape');
  await settle(page);
}

async function takeCredential(page: Page, n8n: N8nServer, id: string): Promise<void> {
  await page.goto(`${n8n.url}/home/credentials/${id}`);
  await page.locator('text=Connection tested successfully').waitFor();
  await settle(page);
  await page.screenshot({ path: join(IMAGES, 'credential.png') });
}

async function main(): Promise<void> {
  const browserTool = await tool('browser', 'the driver of the browser (once, a few seconds)');
  const { chromium } = createRequire(join(browserTool, 'package.json'))('playwright-core') as Playwright;
  mkdirSync(IMAGES, { recursive: true });
  const n8n = await startN8n();
  const sandbox = await startSandboxProcess({ speed: 60 });
  // Inside a container Chromium has no sandbox of its own; it opens nothing but the n8n started above.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const credential = await n8n.addCredential('Coriolis', credentialFor(sandbox.connection));
    const workflow = await n8n.addWorkflow(picture(), credential);
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.5 });
    await logIn(page, n8n);
    await page.goto(`${n8n.url}/workflow/${workflow}`);
    await page.locator(byId('canvas-node')).first().waitFor();
    await settle(page);
    await takeNode(page);
    await takeCanvas(page);
    await takeCredential(page, n8n, credential.id);
    say(`Pictures are in ${IMAGES}`);
  } finally {
    await browser.close();
    await sandbox.stop();
    await n8n.stop();
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
