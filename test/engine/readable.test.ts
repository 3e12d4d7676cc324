import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { credentialType, loginOf, startLab, type Lab } from './lab';

/** What people read of a result in n8n: names, a sentence and a link in front, whatever the operation. */

let lab: Lab;
let transfer: IDataObject;
beforeAll(async () => {
  lab = await startLab();
  const [done] = await lab.rows('transfer.getAll', { filters: { status: 'COMPLETED' }, limit: 1 });
  if (done === undefined) throw new Error('No transfer has completed');
  transfer = done;
});
afterAll(() => lab.stop());

const NAMES = { origin_endpoint_name: 'vcenter', destination_endpoint_name: 'openstack' };

const listsOfEndpoints = (): number => lab.sandbox.requests.count('GET', /\/endpoints$/u);

it('begins with what people read first', () => {
  expect(Object.keys(transfer).slice(0, 3)).toEqual(['name', 'summary', 'status']);
  expect(Object.keys(transfer).indexOf('id')).toBeGreaterThan(8);
  expect(transfer).toMatchObject(NAMES);
  expect(transfer['summary']).toMatch(
    /^.+: completed; last usable copy of 20\d\d-\d\d-\d\d \d\d:\d\d UTC, .+ old$/u,
  );
  expect(transfer).not.toHaveProperty('link');
});

it('has the same keys for an execution, with those of its transfer', async () => {
  const id = String(transfer['id']);
  lab.sandbox.requests.clear();
  const runs = await lab.rows('execution.getAll', { transferId: id, returnAll: true });

  expect(runs.length).toBeGreaterThan(1);
  for (const run of runs) {
    expect(run).toMatchObject({ ...NAMES, name: transfer['name'], instances: transfer['instances'] });
    expect(run['summary']).toContain(`#${String(run['number'])} of ${String(transfer['name'])}`);
  }
  expect(runs[0]?.['summary']).toMatch(/completed on 20\d\d-\d\d-\d\d \d\d:\d\d UTC after \d+ /u);
  // One read of the transfer, whatever the number of its executions; the endpoints are known from before.
  expect(lab.sandbox.requests.count('GET', /\/transfers\/[^/]+$/u)).toBe(1);
  expect(listsOfEndpoints()).toBe(0);
});

it('has them for the end of a wait, too', async () => {
  const transferId = String(transfer['id']);
  const [end] = await lab.rows('execution.wait', { transferId });
  const [run] = await lab.rows('execution.get', { transferId, executionId: String(end?.['id']) });

  const same = ['name', 'transfer_id', 'execution_id', 'started_at', 'finished_at', 'kind', 'scenario'];
  for (const key of same) expect(`${key} ${String(end?.[key])}`).toBe(`${key} ${String(run?.[key])}`);
  expect(end).toMatchObject({ ...NAMES, kind: 'execution', execution_id: end?.['id'] });
  expect(end?.['summary']).toMatch(
    new RegExp(`^Execution of ${String(transfer['name'])} completed on `, 'u'),
  );
});

it('names endpoints of deployments, too', async () => {
  const [deployment] = await lab.rows('deployment.create', { transferId: String(transfer['id']) });

  expect(deployment).toMatchObject({ ...NAMES, name: transfer['name'], deployment_id: deployment?.['id'] });
  expect(deployment?.['summary']).toMatch(/^Deployment of .+ is /u);
});

/** The result of one operation on the transfer, with another credential. */
async function withCredential(operation: string, more: ICredentialDataDecryptedObject): Promise<IDataObject> {
  const { id, name } = lab.engine.credentials.add(credentialType, { ...loginOf(lab.sandbox), ...more });
  const credentials = { [credentialType]: { id, name } };
  const result = await lab.run(operation, { transferId: String(transfer['id']) }, { node: { credentials } });
  return result.rows('Coriolis')[0] ?? {};
}

it('links to the web interface when the credential has its address', async () => {
  const webAddress = 'https://coriolis.example.com/';
  const page = `https://coriolis.example.com/transfers/${String(transfer['id'])}`;

  expect((await withCredential('transfer.get', { webAddress }))['link']).toBe(page);
  expect((await withCredential('execution.get', { webAddress }))['link']).toBe(`${page}/executions`);
});

it('shows everything that the server sends as it is', async () => {
  const [whole] = await lab.rows('transfer.get', { transferId: String(transfer['id']), simplify: false });

  expect(whole).not.toHaveProperty('summary');
  expect(whole).toHaveProperty('last_execution_status');
});

it('needs no endpoints to show a result', async () => {
  lab.sandbox.faults.plan('GET /endpoints status=403 times=1');

  expect(await withCredential('transfer.get', {})).toMatchObject({
    name: transfer['name'],
    origin_endpoint_name: null,
  });
});

describe('Fail When Blocked', () => {
  const preflight = async (transferId: string, failWhenBlocked: boolean) =>
    await lab.run('transfer.preflight', { transferId, purpose: 'deployment', failWhenBlocked });

  it('fails with what stands in the way', async () => {
    const [unsynced] = await lab.rows('transfer.getAll', { filters: { status: 'UNEXECUTED' }, limit: 1 });
    const id = String(unsynced?.['id']);

    const [told] = (await preflight(id, false)).rows('Coriolis');
    expect(told).toMatchObject({ verdict: 'blocked' });
    expect(told?.['summary']).toMatch(/^deployment blocked, \d+ blocking/u);

    const [first] = told?.['checks'] as { readonly message: string }[];
    expect((await preflight(id, true)).error?.message).toContain(first?.message.slice(0, 40));
  });

  it('lets pass what is ready', async () => {
    const [ready] = await lab.rows('transfer.getAll', { filters: { status: 'COMPLETED' }, limit: 50 });
    const result = await preflight(String(ready?.['id']), true);
    const [told] = result.rows('Coriolis');

    expect(result.error?.message ?? told?.['verdict']).toMatch(/^ready/u);
  });
});
