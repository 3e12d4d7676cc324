import type { IDataObject } from 'n8n-workflow';
import { decision, onStage, type Stage } from './stage';

/** Waves from a spreadsheet: an uploaded table, a plan, an approval of exactly that plan, a run and a report. */

let stage: Stage;
afterEach(() => stage.stop());

const form = {
  Wave: 'Wave 1',
  'Origin endpoint': 'vcenter',
  'Destination endpoint': 'openstack',
  Networks: '*=private',
  'Destination environment': '{"migr_network": "private"}',
  'How far': 'Cut over',
  Sources: 'Shut down before the last copy',
  'Your mail': 'ada@example.com',
};

/** Rows of the spreadsheet. */
const table: readonly IDataObject[] = [
  { VM: 'web-02', Powerstate: 'poweredOn', Template: false, 'Provisioned MiB': 40_960, passes: 2 },
  { VM: 'golden', Powerstate: 'poweredOff', Template: true, 'Provisioned MiB': 1024 },
  { VM: 'app-01', Powerstate: 'poweredOn', Template: false, 'Provisioned MiB': 163_840 },
];

const onTheTable = (rows = table): Promise<Stage> =>
  onStage('waves-from-a-spreadsheet', {
    thirdParties: { 'n8n-nodes-base.extractFromFile': { once: () => rows } },
  });

const subjects = () => stage.mails.map(({ subject }) => subject);
const started = () => stage.lab.sandbox.requests.count('POST', /\/(?:transfers|deployments|executions)$/u);

test('asks with the plan as evidence, runs exactly that, and sends the report', async () => {
  stage = await onTheTable();

  const asked = await stage.run('Upload the table', [form]);
  expect(asked.error).toBeUndefined();
  expect(subjects()).toEqual(['Coriolis: move Wave 1?']);
  const [{ text } = { text: '' }] = stage.mails;
  expect(text).toMatch(/^Plan [0-9a-f]{64}\n2 machines, 200 GiB, 0 of them blocked/u);
  expect(text).toContain('- web-02 (40 GiB): create, sync x 2, final sync (source off), deploy');
  expect(text).toContain('SHUTS DOWN these machines on the source: web-02, app-01');
  expect(started()).toBe(0);

  const end = await stage.resume(asked, decision('Move these machines'));
  expect(end.error).toBeUndefined();
  expect(subjects()[1]).toBe('Coriolis: Wave 1, 2 of 2 machines through');
  // The report is attached as a page.
  expect(stage.sent.at(-1)?.items[0]?.binary?.['html']?.mimeType).toBe('text/html');
  const [transfer] = await stage.lab.rows('transfer.getAll', { filters: { search: 'web-02 [' } });
  expect(transfer).toBeDefined();
  const runs = stage.lab.sandbox
    .listFinishedRuns()
    .filter(({ transferId }) => transferId === transfer?.['id']);
  expect(runs.map(({ kind, status }) => [kind, status])).toEqual([
    ['execution', 'COMPLETED'],
    ['execution', 'COMPLETED'],
    ['execution', 'COMPLETED'],
    ['deployment', 'COMPLETED'],
  ]);
});

test.each([
  ['somebody declines', decision('Stop'), 'Nothing was started: Ada has not approved the plan.'],
  ['nobody answers', undefined, 'Nothing was started: nobody has approved the plan.'],
])('starts nothing and ends red when %s', async (_what, answer, message) => {
  stage = await onTheTable();

  const end = await stage.resume(await stage.run('Upload the table', [form]), answer);

  expect(end.error?.message).toBe(message);
  expect(started()).toBe(0);
});

test('does not ask when no machine can be moved, and ends red with the reasons', async () => {
  stage = await onTheTable([{ VM: 'ghost', Powerstate: 'poweredOn', Template: false }]);

  const end = await stage.run('Upload the table', [form]);

  expect(stage.mails).toEqual([]);
  expect(end.error?.message).toContain('ghost: the source has no machine of this name');
});
