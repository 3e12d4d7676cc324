// n8n's editor in a real browser, used as a person would: for pictures and for end-to-end tests.
import type { N8nOwner } from './n8n-client';
import {
  makePerformAction,
  isVisible,
  launchBrowser,
  makeOpenAction,
  type PerformAction,
  type Locator,
  type Page,
} from './browser';

/** Selector of n8n's test ids. */
export const byTestId = (name: string): string => `[data-test-id="${name}"]`;

export interface Editor {
  readonly page: Page;
  readonly act: PerformAction;
  readonly open: (workflow: string) => Promise<void>;
  /** Opens the form of a node. */
  readonly openNode: (name: string) => Promise<void>;
  /** Opens the panel of nodes and searches. */
  readonly searchNode: (text: string, found: string) => Promise<void>;
  /** Clicks an entry of the panel of nodes. @param shown element that the click shows */
  readonly pickNode: (entry: string, shown: Locator) => Promise<void>;
  /** The entry of the panel of nodes with this text. */
  readonly nodeEntry: (text: string) => Locator;
  /** Opens a list of the form, and waits until it has entries. @param index of the list in the form */
  readonly openList: (index: number) => Promise<void>;
  /** Chooses an entry of a list of the form. */
  readonly choose: (index: number, text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const EDITOR_SIZE = { width: 1440, height: 860 };

export type BrowserPage = Pick<Editor, 'page' | 'act' | 'close'>;

/** Opens a browser with an empty page. @param colorScheme theme that the person prefers, which n8n follows */
export async function openBrowserPage(colorScheme: 'light' | 'dark' = 'light'): Promise<BrowserPage> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: EDITOR_SIZE, deviceScaleFactor: 1.5, colorScheme });
    return { page, act: makePerformAction(page), close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Opens a browser and logs in to n8n. @param colorScheme theme of the editor */
export async function openEditor(
  url: string,
  owner: N8nOwner,
  colorScheme?: 'light' | 'dark',
): Promise<Editor> {
  const { page, act, close } = await openBrowserPage(colorScheme);
  try {
    await logIn(page, act, url, owner);
    return { page, act, ...editorActions(page, act, url), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Logs in. n8n allows a user five logins a minute, more than an action has attempts. */
async function logIn(page: Page, act: PerformAction, url: string, owner: N8nOwner): Promise<void> {
  const email = page.locator('input[type=email], input[autocomplete=email]').first();
  await act({
    what: 'open the login',
    act: makeOpenAction(page, `${url}/signin`),
    isDone: isVisible(email),
  });
  await act({
    what: 'log in',
    act: async () => {
      await email.fill(owner.email);
      await page.locator('input[type=password]').fill(owner.password);
      await page.locator('button:has-text("Sign in")').click();
    },
    isDone: () => Promise.resolve(page.url().includes('/home/')),
  });
}

function editorActions(page: Page, act: PerformAction, url: string): Omit<Editor, 'page' | 'act' | 'close'> {
  const form = page.locator(byTestId('ndv'));
  // Each list of the form has entries of its own; only those of the open one are visible.
  const items = page.locator(`${byTestId('rlc-item')}:visible`);
  const list = (index: number): Locator => page.locator(byTestId('rlc-input-container')).nth(index);
  const closeList = async (): Promise<void> => {
    // A click outside of the list; Escape would close the whole form.
    await form.locator(byTestId('output-panel')).click();
  };
  const nodeEntry = (text: string): Locator =>
    page.locator(`${byTestId('node-creator-item-name')}:has-text("${text}")`).first();
  return {
    open: async (workflow) => {
      const canvas = page.locator(`${byTestId('canvas-node')}, ${byTestId('canvas-add-button')}`);
      const isThere = isVisible(canvas);
      const go = makeOpenAction(page, `${url}/workflow/${workflow}`);
      // The same workflow may be open already, with a form over it.
      let isLoaded = false;
      await act({
        what: `open the workflow ${workflow}`,
        act: async () => {
          await go();
          isLoaded = true;
        },
        isDone: async () => isLoaded && page.url().includes(workflow) && (await isThere()),
      });
    },
    openNode: async (name) => {
      await act({
        what: `open the node "${name}"`,
        act: () => page.locator(`${byTestId('canvas-node')}[data-node-name="${name}"]`).dblclick(),
        isDone: isVisible(form),
      });
    },
    searchNode: async (text, found) => {
      const search = page.locator(byTestId('node-creator-search-bar'));
      await act({
        what: 'open the panel of nodes',
        act: () => page.locator(byTestId('node-creator-plus-button')).click(),
        isDone: isVisible(search),
      });
      await act({
        what: `find "${found}" by the word ${text}`,
        act: () => search.fill(text),
        undo: () => search.fill(''),
        isDone: isVisible(nodeEntry(found)),
      });
    },
    pickNode: async (entry, shown) => {
      await act({
        what: `pick "${entry}" in the panel of nodes`,
        act: () => nodeEntry(entry).click(),
        isDone: isVisible(shown),
      });
    },
    nodeEntry,
    openList: async (index) => {
      await act({
        what: `open list ${index + 1} of the form`,
        act: () => list(index).click(),
        undo: closeList,
        isDone: isVisible(items),
      });
    },
    choose: async (index, text) => {
      await act({
        what: `choose "${text}" in list ${index + 1} of the form`,
        act: async () => {
          await list(index).click();
          await page
            .locator(`${byTestId('rlc-item')}:visible:has-text("${text}")`)
            .first()
            .click();
        },
        undo: closeList,
        isDone: async () => (await list(index).locator('input').first().inputValue()).includes(text),
      });
    },
  };
}
