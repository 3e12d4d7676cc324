// npm run screenshot [-- waves | pages | templates]: the pictures of docs/images, taken in a real n8n with the packed nodes and a sandbox behind them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withSandboxProcess } from '../../test/support/sandbox-process';
import { isVisible, takeStill, makeOpenAction } from './browser';
import { byTestId, EDITOR_SIZE, openEditor, type Editor } from './n8n-editor';
import { repositoryRoot, printLine } from '../install.mjs';
import { makeSandboxCredentialFields, readTemplates, type WorkflowFile } from './n8n-client';
import { startTemporaryN8n } from './n8n-server';
import { makeTrialWorkflows } from './trial-set-up';
import { COLOR_SCHEMES, imageNameOf, takePagePictures } from './page-pictures';

const IMAGES = join(repositoryRoot, 'docs', 'images');

type Node = WorkflowFile['nodes'][number];

function nodeOf(template: string, name: string): Node {
  const node = readTemplates()
    .find((workflow) => workflow.name === template)
    ?.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`The template "${template}" has no node "${name}"`);
  return node;
}

/** Arranges nodes in one row, each connected to the next. */
function workflowRow(
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

/** A value chosen from a list, as the editor stores it. */
const chosen = (value: string, cachedResultName: string) => ({
  __rl: true,
  mode: 'list',
  value,
  cachedResultName,
});

/** Workflow for the README: nodes of the templates without notes and branches. */
function readmeWorkflow(): WorkflowFile {
  const migrate = workflowRow(
    'Migrate a VM',
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
  const alert = workflowRow(
    'Alert on finished executions',
    ['When something has finished', 'Write the message', 'Send the message'],
    256,
  );
  const source = chosen('vcenter', 'vcenter (vmware_vsphere)');
  const set: Record<string, Record<string, unknown>> = {
    'Check the source': { endpointId: source },
    'Create the transfer': {
      originEndpointId: source,
      destinationEndpointId: chosen('openstack', 'openstack (openstack)'),
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

/** An editor in one theme, with the files of its pictures. */
interface Studio extends Editor {
  /** File of a picture; that of a dark one ends in `-dark`. */
  readonly imagePath: (name: string) => { readonly path: string };
}

/** Size of a workflow on the canvas, notes included. */
function extentOf(nodes: readonly Node[]): { readonly width: number; readonly height: number } {
  const boxes = nodes.map(({ type, position: [x, y], parameters }) => {
    const isNote = type.endsWith('.stickyNote');
    const [width, height] = isNote ? [parameters['width'], parameters['height']] : [100, 140];
    return { x, y, right: x + Number(width ?? 240), bottom: y + Number(height ?? 160) };
  });
  const span = (from: readonly number[], to: readonly number[]) => Math.max(...to) - Math.min(...from);
  return {
    width: span(
      boxes.map(({ x }) => x),
      boxes.map(({ right }) => right),
    ),
    height: span(
      boxes.map(({ y }) => y),
      boxes.map(({ bottom }) => bottom),
    ),
  };
}

/** Pixels around a workflow that n8n fits into the window. */
const MARGINS = { x: 60, y: 125, right: 60, bottom: 100 };
const FILLED_SHARE = { width: 0.84, height: 0.68 };

/** Takes a picture of a workflow, in a window of usual width that is high enough for it. */
async function takeCanvas(
  { page, open, imagePath }: Studio,
  workflow: string,
  nodes: readonly Node[],
  name: string,
): Promise<void> {
  const extent = extentOf(nodes);
  const width = EDITOR_SIZE.width - MARGINS.x - MARGINS.right;
  const zoom = Math.min(1, (width * FILLED_SHARE.width) / extent.width);
  const height = Math.round(Math.max((extent.height * zoom) / FILLED_SHARE.height, 360));
  await page.setViewportSize({
    width: MARGINS.x + width + MARGINS.right,
    height: MARGINS.y + height + MARGINS.bottom,
  });
  await open(workflow);
  // Fits the workflow into the window.
  await page.keyboard.press('1');
  await takeStill(page, { ...imagePath(name), clip: { x: MARGINS.x, y: MARGINS.y, width, height } });
  await page.setViewportSize(EDITOR_SIZE);
}

/** Takes a picture of the panel of nodes, with a search and the node's actions. */
async function takePanel(
  { page, open, searchNode, pickNode, nodeEntry, imagePath }: Studio,
  workflow: string,
): Promise<void> {
  await open(workflow);
  await searchNode('replica', 'Coriolis');
  await pickNode('Coriolis', nodeEntry('Get an endpoint'));
  await takeStill(page, imagePath('panel'));
}

/** Takes a picture of a transfer's form, with an open list. */
async function takeNode(
  { page, open, openNode, choose, openList, imagePath }: Studio,
  workflow: string,
): Promise<void> {
  await open(workflow);
  await openNode('Create the transfer');
  await choose(1, 'openstack');
  await openList(1);
  await takeStill(page, imagePath('node'));
}

async function takeTrigger({ page, open, openNode, imagePath }: Studio, workflow: string): Promise<void> {
  await open(workflow);
  await openNode('When something has finished');
  await takeStill(page, imagePath('trigger'));
}

/** Takes a picture of the whole credential form, in a window as high as the form. */
async function takeCredential({ page, act, imagePath }: Studio, url: string, id: string): Promise<void> {
  await page.setViewportSize({ ...EDITOR_SIZE, height: 2400 });
  await act({
    what: 'open the credential',
    act: makeOpenAction(page, `${url}/home/credentials/${id}`),
    isDone: isVisible(page.locator('text=Connection tested successfully')),
  });
  const form = page.locator(byTestId('editCredential-modal'));
  await form.evaluate((dialog) => {
    for (const part of [dialog, ...dialog.querySelectorAll<HTMLElement>('div')]) {
      if (['auto', 'hidden'].includes(getComputedStyle(part).overflowY) || part === dialog) {
        Object.assign(part.style, { height: 'auto', maxHeight: 'none', overflow: 'visible' });
      }
    }
  });
  await takeStill(form, imagePath('credential'));
  await page.setViewportSize(EDITOR_SIZE);
}

/** Workflow with the node that plans a wave, filled in. */
function planningWorkflow(): WorkflowFile {
  return {
    name: 'Plan a wave',
    nodes: [
      {
        name: 'Start',
        type: 'n8n-nodes-base.manualTrigger',
        typeVersion: 1,
        parameters: {},
        position: [0, 0],
      },
      {
        name: 'Plan',
        type: 'n8n-nodes-coriolis.coriolis',
        typeVersion: 1,
        parameters: {
          resource: 'wave',
          operation: 'plan',
          table: 'machine,wave\nweb-01,Shop\nweb-02,Shop\ndb-01,Shop',
          originEndpointId: chosen('vcenter', 'vcenter (vmware_vsphere)'),
          destinationEndpointId: chosen('openstack', 'openstack (openstack)'),
          specifyDestinationEnvironment: 'json',
          destinationEnvironment: '{"migr_network": "private"}',
          networkMapRows: { rows: [{ source: 'VM*', destination: chosen('private', 'private') }] },
          shutdownInstances: true,
        },
        position: [220, 0],
      },
    ],
    connections: { Start: { main: [[{ node: 'Plan', type: 'main', index: 0 }]] } },
  };
}

/** Takes a picture of the node that plans a wave, with its result. */
async function takePlan({ page, act, open, openNode, imagePath }: Studio, workflow: string): Promise<void> {
  await page.setViewportSize({ ...EDITOR_SIZE, height: 1240 });
  await open(workflow);
  await openNode('Plan');
  await act({
    what: 'run the plan',
    act: () => page.locator(byTestId('node-execute-button')).first().click(),
    isDone: isVisible(page.locator(`${byTestId('output-panel')} >> text=plan_hash`)),
  });
  // A table of a plan and its machines would be mostly empty.
  await act({
    what: 'show the keys of the result',
    act: () =>
      page
        .locator(`${byTestId('output-panel')} >> text=Schema`)
        .first()
        .click(),
    isDone: isVisible(page.locator(`${byTestId('output-panel')} ${byTestId('run-data-schema-item')}`)),
  });
  await act({
    what: 'see no message',
    isDone: async () => !(await page.locator('.el-notification').first().isVisible()),
  });
  await takeStill(page, imagePath('waves-plan'));
  await page.setViewportSize(EDITOR_SIZE);
}

/** Takes the pictures. @param only `waves` or `templates` for those alone, `pages` for those that need no n8n */
async function main(only: string | undefined): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  if (only !== 'templates') await takePagePictures(IMAGES);
  if (only === 'pages') return;
  const n8n = await startTemporaryN8n();
  try {
    await withSandboxProcess({ speed: 60 }, async (sandbox) => {
      const credential = await n8n.addCredential('Coriolis', makeSandboxCredentialFields(sandbox));
      const ids = {
        plan: await n8n.addWorkflow(planningWorkflow(), credential),
        readme: await n8n.addWorkflow(readmeWorkflow(), credential),
      };
      // Nodes without credentials have red marks on the canvas.
      const others = {
        smtp: await n8n.addCredential('Mails', { host: 'mail.example.com', port: 25 }, 'smtp'),
        openAiApi: await n8n.addCredential('Model', { apiKey: 'none' }, 'openAiApi'),
      };
      const templates = await Promise.all(
        makeTrialWorkflows().map(async ({ file, ...template }) => ({
          name: `template-${file.replace(/\.json$/, '')}`,
          nodes: template.nodes,
          id: await n8n.addWorkflow(template, credential, others),
        })),
      );
      for (const colorScheme of COLOR_SCHEMES) {
        const imagePath = (name: string) => ({ path: join(IMAGES, imageNameOf(name, colorScheme)) });
        const editor = { ...(await openEditor(n8n.url, n8n.owner, colorScheme)), imagePath };
        const takeTemplates = async () => {
          for (const { name, nodes, id } of templates) await takeCanvas(editor, id, nodes, name);
        };
        try {
          if (only === 'templates') {
            await takeTemplates();
            continue;
          }
          await takePlan(editor, ids.plan);
          if (only === 'waves') continue;
          await takePanel(editor, ids.readme);
          await takeNode(editor, ids.readme);
          await takeTrigger(editor, ids.readme);
          await takeCanvas(editor, ids.readme, readmeWorkflow().nodes, 'canvas');
          await takeTemplates();
          await takeCredential(editor, n8n.url, credential.id);
        } finally {
          await editor.close();
        }
      }
    });
    printLine(`Pictures are in ${IMAGES}`);
  } finally {
    await n8n.stop();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  printLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
