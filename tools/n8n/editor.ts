// n8n's editor in a real browser, driven as a person would: for pictures and for end-to-end tests.
// Needs Chromium on the machine (Debian: apt-get install chromium); CHROMIUM names another place than /usr/bin/chromium.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installTool } from '../install.mjs';
import type { Owner } from './client';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Members of playwright-core that are used. It is installed in the cache, without types here. */
export interface Locator {
  first(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  click(): Promise<void>;
  dblclick(): Promise<void>;
  count(): Promise<number>;
  fill(text: string): Promise<void>;
  textContent(): Promise<string | null>;
  waitFor(options?: { state?: 'visible' | 'hidden'; timeout?: number }): Promise<void>;
  evaluate<T>(work: (element: HTMLElement) => T): Promise<T>;
  screenshot(options: { path: string }): Promise<unknown>;
}
export interface Page {
  goto(url: string): Promise<unknown>;
  locator(selector: string): Locator;
  waitForURL(pattern: string): Promise<void>;
  waitForTimeout(ms: number): Promise<void>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  screenshot(options: {
    path: string;
    clip?: Record<'x' | 'y' | 'width' | 'height', number>;
  }): Promise<unknown>;
}
interface Browser {
  newPage(options: { viewport: { width: number; height: number }; deviceScaleFactor: number }): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

/** Selector of n8n's test ids. */
export const byId = (name: string): string => `[data-test-id="${name}"]`;

export interface Editor {
  readonly page: Page;
  readonly open: (workflow: string) => Promise<void>;
  /** Opens the form of a node. */
  readonly openNode: (name: string) => Promise<void>;
  /** Opens the panel of nodes and searches. */
  readonly searchNode: (text: string) => Promise<void>;
  /** Waits for n8n's animations, whose end the page does not show. */
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const EDITOR_SIZE = { width: 1440, height: 860 };

/** Opens a browser and logs in to n8n. */
export async function openEditor(url: string, owner: Owner): Promise<Editor> {
  const folder = await installTool('browser', 'the driver of the browser (once, a few seconds)');
  const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core') as Playwright;
  // In a container Chromium has no sandbox; it opens only this n8n.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: EDITOR_SIZE, deviceScaleFactor: 1.5 });
    await page.goto(`${url}/signin`);
    await page.locator('input[type=email], input[autocomplete=email]').first().fill(owner.email);
    await page.locator('input[type=password]').fill(owner.password);
    await page.locator('button:has-text("Sign in")').click();
    await page.waitForURL('**/home/**');
    const settle = (): Promise<void> => page.waitForTimeout(2500);
    return {
      page,
      open: async (workflow) => {
        await page.goto(`${url}/workflow/${workflow}`);
        await page
          .locator(`${byId('canvas-node')}, ${byId('canvas-add-button')}`)
          .first()
          .waitFor();
        await settle();
      },
      openNode: async (name) => {
        await page.locator(`${byId('canvas-node')}[data-node-name="${name}"]`).dblclick();
        await settle();
      },
      searchNode: async (text) => {
        await page.locator(byId('node-creator-plus-button')).click();
        await page.locator(byId('node-creator-search-bar')).fill(text);
        await settle();
      },
      settle,
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
