import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { startUser, type McpUser, type Row } from './support/client';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

const MACHINES = ['web-01', 'web-02', 'jenkins', 'gitlab'];
const COUNT = 20;

let sandbox: Sandbox;
let user: McpUser;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-destroy', '--toolsets', 'all'] });
  for (let number = 1; number <= COUNT; number += 1) {
    await user.call('create_transfer', {
      origin_endpoint_id: 'vcenter',
      destination_endpoint_id: 'openstack',
      instances: [MACHINES[number % MACHINES.length]],
      destination_environment: { migr_network: 'private' },
      network_map: { 'VM Network': 'private' },
      notes: `Group ${number} #twenty${number <= 2 ? ' #pair' : ''}`,
    });
  }
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

const rowsOf = (result: Row | undefined): readonly Row[] => (result?.['rows'] ?? []) as readonly Row[];

describe('one call for several transfers', () => {
  it('checks twenty in few words', async () => {
    const { structured, text, isError } = await user.call('preflight_transfer', {
      transfer_ids: ['#twenty'],
      purpose: 'execution',
    });
    expect(isError).toBe(false);
    expect(rowsOf(structured.result)).toHaveLength(COUNT);
    expect(tokens(text)).toBeLessThanOrEqual(1500);
    expect(structured.summary).toContain(`${COUNT} for execution`);
  });

  it('previews and confirms once when sources are shut down, and names each', async () => {
    const given = { transfer_ids: ['#pair'], shutdown_instances: true };
    const started = (): number => sandbox.requests.count('POST', /executions/u);
    const before = started();
    const { structured } = await user.call('execute_transfer', given);
    expect(structured.preview.subject).toMatchObject({ name: '2 transfers' });
    for (const name of ['Group 1 #twenty #pair', 'Group 2 #twenty #pair'])
      expect(structured.preview.consequences.join('\n')).toContain(name);
    expect(started()).toBe(before);

    const [again] = structured.next_steps ?? [];
    const done = await user.call(again?.tool ?? '', again?.arguments);
    expect(rowsOf(done.structured.result).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(started()).toBe(before + 2);
    expect(done.structured.next_steps?.[0]).toMatchObject({ tool: 'wait_for' });
  });

  it('waits for all with the call that it names', async () => {
    const { structured } = await user.call('execute_transfer', {
      transfer_ids: ['Group 3 #twenty', 'Group 4 #twenty'],
    });
    expect(structured.summary).toContain('2 done');
    const [wait] = structured.next_steps ?? [];
    const { isError, structured: waited } = await user.call(wait?.tool ?? '', wait?.arguments);
    expect(isError).toBe(false);
    expect(waited.result['targets']).toHaveLength(2);
  });

  it('says in a row what failed, and does the others', async () => {
    const gone = '00000000-0000-4000-8000-00000000dead';
    const { isError, structured } = await user.call('create_schedule', {
      transfer_ids: [gone, 'Group 5 #twenty'],
      hour: 3,
      minute: 30,
    });
    expect(isError).toBe(false);
    expect(rowsOf(structured.result).map(({ outcome }) => outcome)).toEqual(['failed', 'done']);
    expect(structured.summary).toMatch(/1 failed, 1 done/u);
  });

  it('needs the one or the several', async () => {
    const { isError, text } = await user.call('execute_transfer', {});
    expect(isError).toBe(true);
    expect(text).toContain('transfer_id');
  });
});
