// The pictures of the docs that need no n8n: boards, of an estate and of a wave in the middle of it, and the page of a report.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { drawResult } from '../../mcp/apps/board/draw-result';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { JsonObject } from '../../src/model/json';
import { PAGE_STYLE, PICTURE_STYLE, THEME_STYLE } from '../../src/pictures/css-style';
import type { Markup } from '../../src/pictures/markup';
import { connect, one, sleepingOn } from '../../test/support/coriolis';
import { machine } from '../../test/waves/estate';
import { launchBrowser, takeStill } from './browser';

/** Machines with the GiB of their disks, in the order of the table. */
const SIZES: Readonly<Record<string, number>> = {
  'shop-web-01': 20,
  'shop-web-02': 20,
  'shop-web-03': 20,
  'shop-app-01': 40,
  'shop-app-02': 40,
  'shop-batch-01': 60,
  'shop-db-01': 200,
  'shop-db-02': 120,
  'shop-cache-01': 10,
  'shop-mail-01': 30,
};
const FAILING = 'shop-batch-01';
/** Machine that is in the wave's table but not on the source. */
const GONE = 'shop-old-01';

const machines: readonly VmSpec[] = Object.entries(SIZES).map(([name, size]) =>
  machine(name, {
    disks: [size],
    ...(name === FAILING
      ? {
          behaviour: {
            failure: { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Quota exceeded for volumes' },
          },
        }
      : {}),
  }),
);

/** Pixels of a picture, which shows the beginning of a page. */
const MAX_HEIGHT = 1500;

/** Runs a wave in a sandbox. @returns its board in the middle, and the page of its report */
async function runWave(): Promise<{ readonly board: JsonObject; readonly page: string }> {
  const clock = new ManualClock(Date.UTC(2026, 11, 5, 21));
  const sandbox = await startSandbox({ clock, speed: 4, machines });
  try {
    const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
    const input = {
      table: ['machine', ...Object.keys(SIZES), GONE].join('\n'),
      wave: 'Shop',
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { '*': 'private' },
      shutdownInstances: true,
    };
    const plan = await one(coriolis, 'wave.plan', input);
    const call = { ...input, planHash: plan['plan_hash'], until: 'cut_over', maxParallel: 4 };
    const board = await one(coriolis, 'wave.run', { ...call, timeoutSeconds: 420 });
    const { actions } = await one(coriolis, 'wave.run', { ...call, timeoutSeconds: 86_400 });
    const approvals = [{ by: 'Anna Berg', at: '2026-12-05T20:40:00Z', reference: 'CHG-4711' }];
    const { html } = await one<{ html: string }>(coriolis, 'wave.report', {
      wave: 'Shop',
      planHash: plan['plan_hash'],
      plan,
      approvals,
      actions,
      html: true,
    });
    return { board, page: html };
  } finally {
    await sandbox.stop();
  }
}

/** Board of an estate with some work in it. */
async function surveyEstate(): Promise<JsonObject> {
  const clock = new ManualClock(Date.UTC(2026, 11, 5, 21));
  const sandbox = await startSandbox({ clock, speed: 1, transfers: 60, machines });
  try {
    const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
    for (const instance of ['shop-web-01', 'shop-db-01', 'shop-mail-01']) {
      const { id: transferId } = await one(coriolis, 'transfer.create', {
        originEndpointId: 'vcenter',
        destinationEndpointId: 'openstack',
        instances: [instance],
        destinationEnvironment: { migr_network: 'private' },
      });
      await one(coriolis, 'execution.start', { transferId });
    }
    clock.advance(240);
    return await one(coriolis, 'estate.summarize', {});
  } finally {
    await sandbox.stop();
  }
}

/** Page with a picture alone, as the hosts of MCP Apps show it. */
const boardPage = (drawing: Markup): string =>
  `<!doctype html><meta charset="utf-8"><style>${PAGE_STYLE}${PICTURE_STYLE}${THEME_STYLE}body{padding:8px;max-width:none}</style>${drawing.markup}`;

export const COLOR_SCHEMES = ['light', 'dark'] as const;

/** File name of a picture in a theme. */
export const imageNameOf = (name: string, colorScheme: (typeof COLOR_SCHEMES)[number]): string =>
  `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`;

/** Draws a board. @throws when there is no drawing of the result */
function boardOf(result: JsonObject, given: JsonObject): string {
  const drawn = drawResult(result, given, String(result['as_of']));
  if (drawn === undefined) throw new Error('The board was not drawn');
  return boardPage(drawn.drawing);
}

/** Takes the pictures, light and dark: `board`, `waves-board` and `waves-report`. @param folder of the files */
export async function takePagePictures(folder: string): Promise<void> {
  const { board, page: report } = await runWave();
  const pages = {
    board: boardOf(await surveyEstate(), {}),
    'waves-board': boardOf(board, { wave: 'Shop' }),
    'waves-report': report,
  };
  const temporary = mkdtempSync(join(tmpdir(), 'coriolis-pictures-'));
  const browser = await launchBrowser();
  try {
    for (const [name, html] of Object.entries(pages)) {
      const file = join(temporary, `${name}.html`);
      writeFileSync(file, html);
      for (const colorScheme of COLOR_SCHEMES) {
        const page = await browser.newPage({
          viewport: { width: 1000, height: 700 },
          deviceScaleFactor: 1.5,
          colorScheme,
        });
        await page.goto(pathToFileURL(file).href);
        const height = Math.min(await page.evaluate<number>('document.body.scrollHeight'), MAX_HEIGHT);
        await page.setViewportSize({ width: 1000, height });
        await takeStill(page, { path: join(folder, imageNameOf(name, colorScheme)) });
        await page.close();
      }
    }
  } finally {
    await browser.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
