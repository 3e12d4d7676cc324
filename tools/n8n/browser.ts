// A real browser, used as a person would: for end-to-end tests and for pictures. It also works on a slow machine: an action
// is repeated until its effect is seen, and fails with what the page showed instead.
// Needs Chromium on the machine (Debian: apt-get install chromium); CHROMIUM names another place than /usr/bin/chromium.
// BROWSER_SLOWDOWN=6 makes pages six times slower.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installTool, printLine, repositoryRoot } from '../install.mjs';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Factor by which pages run slower than the machine allows, to test on a slow one. */
const SLOWDOWN = Number(process.env['BROWSER_SLOWDOWN'] ?? 1);
/** Folder for pictures and texts of pages on which an action had no effect. */
const FAILURES = join(repositoryRoot, '.cache', 'browser');

/** Members of playwright-core that are used. It is installed in the cache, without types here. */
export interface Locator {
  first(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  click(options?: { timeout?: number }): Promise<void>;
  dblclick(): Promise<void>;
  count(): Promise<number>;
  fill(text: string): Promise<void>;
  setInputFiles(file: string): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  inputValue(): Promise<string>;
  isVisible(): Promise<boolean>;
  innerText(options?: { timeout?: number }): Promise<string>;
  textContent(): Promise<string | null>;
  getAttribute(name: string): Promise<string | null>;
  waitFor(options?: { state?: 'visible' | 'hidden'; timeout?: number }): Promise<void>;
  evaluate<T>(work: (element: HTMLElement) => T): Promise<T>;
  screenshot(options?: object): Promise<Buffer>;
}
/** Console message or request of a page. */
interface PageEvent {
  type(): string;
  text(): string;
  url(): string;
}
export interface Page {
  goto(url: string, options?: { waitUntil?: 'commit' | 'domcontentloaded' }): Promise<unknown>;
  url(): string;
  locator(selector: string): Locator;
  frameLocator(selector: string): { locator(selector: string): Locator };
  setDefaultTimeout(ms: number): void;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  exposeFunction(name: string, work: (...given: never[]) => unknown): Promise<void>;
  evaluate<T>(work: string): Promise<T>;
  on(event: 'console' | 'request', listen: (event: PageEvent) => void): void;
  on(event: 'response', listen: (event: { status(): number; url(): string }) => void): void;
  on(event: 'pageerror', listen: (error: Error) => void): void;
  context(): {
    newCDPSession(page: Page): Promise<{ send(method: string, given: object): Promise<unknown> }>;
  };
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  screenshot(options?: object): Promise<Buffer>;
  close(): Promise<void>;
}
interface PageOptions {
  readonly viewport: { width: number; height: number };
  readonly deviceScaleFactor?: number;
  readonly colorScheme?: 'light' | 'dark';
}
export interface Browser {
  newPage(options: PageOptions): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

/** Starts Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const folder = await installTool('browser', 'the driver of the browser (once, a few seconds)');
  const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core') as Playwright;
  // In a container Chromium has no sandbox; it opens only pages of this machine.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  return {
    newPage: async (options) => {
      const page = await browser.newPage(options);
      if (SLOWDOWN > 1) {
        const session = await page.context().newCDPSession(page);
        await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
      }
      return page;
    },
    close: () => browser.close(),
  };
}

/** An action on a page, and the check of its effect. */
export interface PageAction {
  /** Words for the action in an error, for example `open the list`. */
  readonly what: string;
  /**
   * Performs the action; missing when the effect comes by itself. It may be performed twice, because a busy page may show
   * the effect of the first time late.
   */
  readonly act?: () => Promise<unknown>;
  /** Whether the effect is seen; an error means that it is not. */
  readonly isDone: () => Promise<boolean>;
  /** Undoes a partial effect before the action is repeated: closes a list that shows nothing. */
  readonly undo?: () => Promise<unknown>;
}

/** Whether any of the elements is visible. */
export const isVisible = (locator: Locator) => (): Promise<boolean> => locator.first().isVisible();

/**
 * Milliseconds that each attempt waits for the effect. A slow machine needs longer waits rather than more attempts.
 */
const ATTEMPT_TIMEOUTS_MS = [20_000, 40_000, 120_000];
const CHECK_INTERVAL_MS = 100;

/** Performs actions on one page, each until its effect is seen. */
export interface PerformAction {
  /**
   * @throws when the effect is not seen after some attempts: the error says what the page shows, a picture is in the
   * cache
   */
  (act: PageAction): Promise<void>;
}

/** Makes the function that performs actions on a page. Errors of the page are recorded for the message of a failure. */
export function makePerformAction(page: Page): PerformAction {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return async ({ what, act, isDone, undo }) => {
    const tries: string[] = [];
    const isSeen = (): Promise<boolean> => isDone().catch(() => false);
    for (const [index, patience] of ATTEMPT_TIMEOUTS_MS.entries()) {
      page.setDefaultTimeout(patience);
      try {
        // The effect of the last attempt may have come meanwhile.
        if (await isSeen()) return;
        if (index > 0) {
          printLine(`browser: ${what}, try ${index + 1} (${tries.at(-1)?.split('\n')[0] ?? ''})`);
          await undo?.().catch(() => undefined);
        }
        await act?.();
      } catch (error) {
        tries.push(error instanceof Error ? error.message : String(error));
        continue;
      }
      const deadline = Date.now() + patience;
      do {
        if (await isSeen()) return;
        await sleep(CHECK_INTERVAL_MS);
      } while (Date.now() < deadline);
      tries.push(`not seen within ${patience / 1000} s`);
    }
    throw new Error(await describeFailure(page, what, tries, complaints));
  };
}

/** Stores a picture and the text of a page. @returns the message of an error */
async function describeFailure(
  page: Page,
  what: string,
  tries: readonly string[],
  complaints: readonly string[],
): Promise<string> {
  const text = await page
    .locator('body')
    .innerText({ timeout: 30_000 })
    .catch((error: unknown) => `(no text: ${String(error)})`);
  const file = join(FAILURES, what.replace(/\W+/gu, '-'));
  mkdirSync(FAILURES, { recursive: true });
  const message = [
    `Could not ${what} on ${page.url()}. Picture: ${file}.png`,
    ...tries.map((problem, index) => `${index + 1}. ${problem}`),
    '--- complaints of the page',
    ...complaints.slice(-10),
    '--- its text',
    text.replace(/\n{2,}/gu, '\n').slice(0, 4_000),
  ].join('\n');
  writeFileSync(`${file}.txt`, message);
  await page.screenshot({ path: `${file}.png`, timeout: 30_000 }).catch(() => undefined);
  return message;
}

/**
 * Makes an action that opens an address. The second attempt only waits, because a slow machine is still loading; the third
 * loads the page again.
 */
export function makeOpenAction(page: Page, url: string): () => Promise<unknown> {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries !== 2) await page.goto(url, { waitUntil: 'commit' });
  };
}

/** Maximum number of pictures that are taken until two are equal. */
const MAX_PICTURES = 60;
const PAUSE_MS = 500;
/** Milliseconds that one picture may take on a busy machine. */
const PICTURE_MS = 120_000;

/**
 * Takes a picture of a page once its animations have ended: when two pictures in a row are equal.
 * @param options of playwright: the file's `path`, and a `clip`
 */
export async function takeStill(
  subject: Pick<Page, 'screenshot'>,
  { path, ...options }: { readonly path: string; readonly clip?: object },
): Promise<void> {
  let last: Buffer | undefined;
  for (let count = 0; count < MAX_PICTURES; count += 1) {
    const picture = await subject.screenshot({ ...options, timeout: PICTURE_MS });
    if (last?.equals(picture)) break;
    last = picture;
    await sleep(PAUSE_MS);
  }
  if (last !== undefined) writeFileSync(path, last);
}
