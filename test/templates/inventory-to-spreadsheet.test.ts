import { onStage, type Stage } from './stage';

/** The inventory: a row for each machine of each endpoint, and a row for each endpoint that does not answer. */

const SHEET = 'n8n-nodes-base.convertToFile';

let stage: Stage;
afterEach(() => stage.stop());

const rows = () =>
  stage.sent
    .filter(({ node }) => node === 'Make the file')
    .flatMap(({ items }) => items.map(({ json }) => json));

test.each(['current', 'legacy'] as const)(
  'lists the machines of all endpoints, on a server of the %s generation',
  async (generation) => {
    stage = await onStage('inventory-to-spreadsheet', {
      sandbox: { generation },
      thirdParties: { [SHEET]: { once: () => [{}] } },
    });

    const result = await stage.run('Every Monday at six');

    expect(result.error).toBeUndefined();
    expect(rows()).toContainEqual({
      endpoint: 'vcenter',
      platform: 'vmware_vsphere',
      machine: 'app-01',
      name: 'app-01',
      os_type: 'linux',
      vcpus: 4,
      memory_mb: 8192,
      firmware: 'EFI',
      disks: 2,
      disks_gib: 160,
      storage: expect.any(String),
      networks: 'VM Network, Backend',
      problem: '',
    });
    expect([...new Set(rows().map(({ endpoint }) => endpoint))]).toEqual(['openstack', 'vcenter']);
    expect(stage.mails).toHaveLength(1);
    expect(stage.mails[0]?.text).toMatch(/^\d\d machines on 2 endpoints\./u);
    expect(
      stage.lab.sandbox.requests.count('POST', /\/(?:transfers|replicas|deployments|migrations)$/u),
    ).toBe(0);
  },
);

test('an endpoint that does not answer has a row with the reason', async () => {
  stage = await onStage('inventory-to-spreadsheet', { thirdParties: { [SHEET]: { once: () => [{}] } } });
  const endpoints = await stage.lab.rows('endpoint.getAll');
  const silent = endpoints.find(({ name }) => name === 'openstack');
  stage.lab.sandbox.faults.add({
    path: new RegExp(`/endpoints/${String(silent?.['id'])}/instances`, 'u'),
    times: 100,
    fault: { kind: 'status', status: 500 },
  });

  await stage.run('Every Monday at six');

  expect(rows()).toContainEqual(
    expect.objectContaining({ endpoint: 'openstack', machine: '', problem: expect.stringMatching(/./u) }),
  );
  expect(stage.mails[0]?.text).toContain('Not complete: openstack');
});
