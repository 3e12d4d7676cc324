import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSite } from '../../tools/docs/build-site';
import { serveSite } from '../../tools/docs/site-server';
import {
  makePerformAction,
  isVisible,
  launchBrowser,
  makeOpenAction,
  type Browser,
} from '../../tools/n8n/browser';

/** `npm run docs:site` in a real browser. SITE_PICTURES names a folder for pictures of it. */

let browser: Browser | undefined;
let server: Server | undefined;
let url: string;

beforeAll(async () => {
  // Refuses dead links.
  server = await serveSite(await buildSite(), 0);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

test('is read, searched and found by its headings, without another server', async () => {
  if (browser === undefined) throw new Error('There is no browser');
  const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  const act = makePerformAction(page);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const picture = async (name: string): Promise<void> => {
    const folder = process.env['SITE_PICTURES'];
    if (folder !== undefined) await page.screenshot({ path: join(folder, `site-${name}.png`) });
  };

  const image = page.locator('img[alt="The nodes on the n8n canvas"]');
  await act({ what: 'open the site', act: makeOpenAction(page, url), isDone: isVisible(image) });
  await picture('home');

  const field = page.locator('.VPLocalSearchBox input');
  await act({
    what: 'open the search',
    act: () => page.locator('.DocSearch-Button').first().click(),
    isDone: isVisible(field),
  });
  const found = page.locator('.VPLocalSearchBox a.result[href$="docs/n8n.html#queue-mode"]');
  await act({
    what: 'search for "queue mode"',
    act: () => field.fill('queue mode'),
    isDone: isVisible(found),
  });
  await picture('search');
  await act({
    what: 'open what was found',
    act: async () => {
      if ((await found.count()) > 0) await found.first().click();
    },
    isDone: () => Promise.resolve(page.url().endsWith('/docs/n8n.html#queue-mode')),
  });

  const heading = page.locator('h2#what-n8ns-verification-asks-for');
  await act({
    what: 'follow a link to a heading, with the anchor that GitHub gives it',
    act: makeOpenAction(page, `${url}docs/publishing.html#what-n8ns-verification-asks-for`),
    isDone: isVisible(heading),
  });
  await act({
    what: 'choose the dark theme',
    act: () => page.locator('.VPSwitchAppearance').first().click(),
    isDone: async () => (await page.locator('html').getAttribute('class'))?.includes('dark') === true,
  });
  await picture('dark');

  expect(requests.filter((address) => !/^(?:data|blob):/u.test(address) && !address.startsWith(url))).toEqual(
    [],
  );
});
