import { searchWords } from '../support/search-words';
import { byTestId, openEditor, type Editor } from '../../tools/n8n/n8n-editor';
import { isVisible } from '../../tools/n8n/browser';
import { button, chain, sharedN8n, type Shared, type SharedN8nClient } from './lab';

/** A person who has never seen the node: finds it, chooses from a list, runs it and reads what came of it. */

let client: SharedN8nClient;
let given: Shared;
let editor: Editor | undefined;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
});
afterAll(() => editor?.close());

test('finds the node by a word of its field, picks an action and an entry of a list, and sees the rows', async () => {
  const workflow = await client.addWorkflow(chain('By hand', button), given.credential);
  editor = await openEditor(given.n8n.url, given.n8n.session.owner);
  const { page, act, open, searchNode, pickNode, nodeEntry, choose } = editor;
  await open(workflow);

  await searchNode('replica', 'Coriolis');
  const search = page.locator(byTestId('node-creator-search-bar'));
  for (const word of [...searchWords, 'replica']) {
    await act({
      what: `find the node by "${word}"`,
      act: () => search.fill(word),
      undo: () => search.fill(''),
      isDone: isVisible(nodeEntry('Coriolis')),
    });
  }
  await pickNode('Coriolis', nodeEntry('Get an endpoint'));
  await pickNode('Get an endpoint', page.locator(byTestId('rlc-input-container')));
  await choose(0, 'vcenter');

  // Of the node's three columns only the output is a table.
  const cell = (text: string) => page.locator(`${byTestId('ndv')} td:has-text("${text}")`).first();
  await act({
    what: 'run the node',
    act: () => page.locator(byTestId('node-execute-button')).first().click(),
    isDone: isVisible(cell('vmware_vsphere')),
  });
  expect(await cell('vcenter').count()).toBe(1);
});
