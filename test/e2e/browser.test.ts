import { byId, openEditor, type Editor } from '../../tools/n8n/editor';
import type { N8nClient } from '../../tools/n8n/client';
import { button, chain, sharedN8n, type Shared } from './lab';

/** A person who has never seen the node: finds it, chooses from a list, runs it and reads what came of it. */

let client: N8nClient;
let given: Shared;
let editor: Editor | undefined;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
});
afterAll(() => editor?.close());

test('finds the node by a word of its field, picks an action and an entry of a list, and sees the rows', async () => {
  const workflow = await client.addWorkflow(chain('By hand', button), given.credential);
  editor = await openEditor(given.n8n.url, given.n8n.session.owner);
  const { page, open, searchNode, settle } = editor;
  const entry = (text: string) =>
    page.locator(`${byId('node-creator-item-name')}:has-text("${text}")`).first();
  await open(workflow);

  await searchNode('replica');
  await entry('Coriolis').click();
  await settle();
  await entry('Get an endpoint').click();
  await settle();
  await page.locator(byId('rlc-input-container')).first().click();
  await page
    .locator(`${byId('rlc-item')}:has-text("vcenter")`)
    .first()
    .click();
  await page.locator(byId('node-execute-button')).first().click();

  // Of the node's three columns only the output is a table.
  const cell = (text: string) => page.locator(`${byId('ndv')} td:has-text("${text}")`).first();
  await cell('vmware_vsphere').waitFor();
  expect(await cell('vcenter').count()).toBe(1);
});
