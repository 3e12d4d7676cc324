import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { connect, rows } from '../support/coriolis';
import { machine } from '../waves/estate';

/** Searches for machines on a platform that reads the text as a regular expression. */

const names = ['Büro Server 1', 'web.01', 'webx01', 'db-03 '];
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeAll(async () => {
  sandbox = await startSandbox({ machines: names.map((name) => machine(name)) });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());

it.each([
  ['Büro Server (1)', ['Büro Server (1)']],
  ['web.01', ['web.01']],
  ['web', expect.arrayContaining(['web.01', 'webx01'])],
  // No machine has this in its name, so that it is a pattern.
  ['^web[.x]01$', ['web.01', 'webx01']],
  ['no (such', []],
])('%j finds the machines that a person means', async (search, expected) => {
  const found = await rows(coriolis, 'instance.getAll', { endpointId: 'vcenter', search });
  expect(found.map(({ row }) => row['name'])).toEqual(expected);
});
