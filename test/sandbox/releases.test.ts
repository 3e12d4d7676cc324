import { startSandbox } from '../../sandbox/sandbox';
import { SandboxUser } from './user';
import type { Json } from './user';

/** What a sandbox is like that is as an older release (docs/reference/coriolis-api.md §5). */
describe('a sandbox of a release', () => {
  let user: SandboxUser;
  const arrive = async (release: string): Promise<void> => {
    user = await SandboxUser.start({ release, transfers: 20 });
  };
  afterEach(() => user.stop());

  const list = (query: string) => user.get<Json[]>(`/transfers${query}`, 'transfers');
  const first = async (): Promise<Json> => (await list(''))[0] ?? {};

  it.each([
    ['1.0.21', 'legacy'],
    ['1.1.0', 'current'],
  ])('%s is of the %s generation', async (release, generation) => {
    await arrive(release);
    expect(user.sandbox.connection.generation).toBe(generation);
  });

  it.each([
    ['1.2.1', false],
    ['1.2.2', true],
  ])('%s pages: %s', async (release, pages) => {
    await arrive(release);
    expect((await list('?limit=2')).length === 2).toBe(pages);
  });

  it.each([
    ['1.2.2', false],
    ['1.2.3', true],
  ])('%s filters by status: %s', async (release, filters) => {
    await arrive(release);
    const found = await list('?status=COMPLETED');
    expect(found.every((transfer) => transfer['last_execution_status'] === 'COMPLETED')).toBe(filters);
  });

  it.each([
    ['1.1.2', ['clone_disks', 'skip_os_morphing', 'clustered']],
    ['1.1.3', ['clustered']],
    ['1.2.7', []],
  ])('%s shows transfers without %j', async (release, missing) => {
    await arrive(release);
    const transfer = await first();
    const later = ['clone_disks', 'skip_os_morphing', 'clustered'];
    expect(later.filter((field) => !(field in transfer))).toEqual(missing);
  });

  it.each([
    ['1.2.3', true],
    ['1.2.4', false],
  ])('%s shows the executions of a transfer that is shown alone: %s', async (release, shows) => {
    await arrive(release);
    const [synced] = (await list('')).filter((one) => one['last_execution_status'] === 'COMPLETED');
    const transfer = await user.get<Json>(`/transfers/${String(synced?.['id'])}`, 'transfer');
    expect((transfer['executions'] as unknown[]).length > 0).toBe(shows);
  });

  it('1.1.2 drops auto-deploy without a word', async () => {
    await arrive('1.1.2');
    const id = String((await first())['id']);
    const answer = await user.send('POST', `/transfers/${id}/schedules`, {
      schedule: { minute: 1 },
      auto_deploy: true,
    });
    expect(answer.status).toBe(200);
    expect(answer.body['schedule']).not.toHaveProperty('auto_deploy');
  });

  it('1.2.1 has no inventory', async () => {
    await arrive('1.2.1');
    const [endpoint] = await user.get<Json[]>('/endpoints', 'endpoints');
    const answer = await user.send('GET', `/endpoints/${String(endpoint?.['id'])}/inventory`);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toHaveProperty('error');
  });
});

describe('a sandbox that cannot be', () => {
  it.each([
    [{ release: '1.2' }, '"1.2" is no release'],
    [{ release: '1.0.5' }, '1.0.6 at least'],
    [{ release: '1.1.0', generation: 'legacy' as const }, 'of the current generation'],
  ])('is refused: %j', async (options, words) => {
    await expect(startSandbox(options)).rejects.toThrow(words);
  });
});
