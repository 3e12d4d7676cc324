import type { INodeParameters } from 'n8n-workflow';
import { credentialType, loginOf, startLab, type Lab } from './lab';

/** Results and entries of lists lead to their pages, once the address of the web interface is known. */

describe.each([
  ['current', { transfer: 'transfers', deployment: 'deployments' }],
  ['legacy', { transfer: 'replicas', deployment: 'migrations' }],
] as const)('a %s server', (dialect, pages) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ generation: dialect });
    const login = { ...loginOf(lab.sandbox), webAddress: 'https://coriolis.example.com/' };
    Object.assign(lab.credential, lab.engine.credentials.add(credentialType, login));
  });
  afterAll(() => lab.stop());

  const first = async (operation: string, parameters?: INodeParameters) => {
    const [row] = await lab.rows(operation, parameters);
    return { id: String(row?.['id']), link: row?.['link'] };
  };
  const at = (path: string) => `https://coriolis.example.com/${path}`;

  test('transfers, executions and endpoints have links', async () => {
    const transfer = await first('transfer.getAll', { filters: { status: 'COMPLETED' } });
    const execution = await first('execution.getAll', { transferId: transfer.id });
    const endpoint = await first('endpoint.getAll');

    expect(transfer.link).toBe(at(`${pages.transfer}/${transfer.id}`));
    expect(execution.link).toBe(at(`${pages.transfer}/${transfer.id}/executions`));
    expect(endpoint.link).toBe(at(`endpoints/${endpoint.id}`));
  });

  test('deployments have links of their own', async () => {
    const transfer = await first('transfer.getAll', { filters: { status: 'COMPLETED' } });
    const deployment = await first('deployment.create', { transferId: transfer.id });

    expect(deployment.link).toBe(at(`${pages.deployment}/${deployment.id}`));
  });

  test('the whole object stays as the server sent it, and what a platform has is on no page', async () => {
    expect((await first('transfer.getAll', { simplify: false })).link).toBeUndefined();
    expect((await first('endpoint.getNetworks', { endpointId: 'openstack' })).link).toBeUndefined();
  });

  test('entries of lists have the addresses of their pages', async () => {
    const { results } = await lab.engine.listSearch(lab.coriolis('transfer.get'), 'searchTransfer', {});

    expect(results[0]?.url).toBe(at(`${pages.transfer}/${String(results[0]?.value)}`));
  });
});

test('without an address nothing has a link', async () => {
  const lab = await startLab();
  const [row] = await lab.rows('transfer.getAll');
  const { results } = await lab.engine.listSearch(lab.coriolis('transfer.get'), 'searchTransfer', {});
  await lab.stop();

  expect(row).not.toHaveProperty('link');
  expect(results[0]).not.toHaveProperty('url');
});
