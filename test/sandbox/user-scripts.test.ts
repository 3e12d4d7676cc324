import { SandboxUser } from './user';
import type { Answer, Deployment, Json, Transfer } from './user';

/**
 * What releases make of user scripts (docs/reference/coriolis-api.md §11.3): `coriolis/api/v1/utils.py` and the
 * conductor of those releases.
 */
describe('user scripts', () => {
  let user: SandboxUser;
  afterEach(() => user.stop());

  const arrive = async (release: string): Promise<void> => {
    user = await SandboxUser.start({ release });
  };
  const isLegacy = (): boolean => user.sandbox.connection.generation === 'legacy';
  const [path, wrapper] = [
    (): string => (isLegacy() ? '/replicas' : '/transfers'),
    (): string => (isLegacy() ? 'replica' : 'transfer'),
  ];

  const body = async (user_scripts: unknown): Promise<Json> => {
    const endpoints = await user.get<{ id: string; type: string }[]>('/endpoints', 'endpoints');
    const idOf = (type: string): string | undefined => endpoints.find((one) => one.type === type)?.id;
    return {
      origin_endpoint_id: idOf('vmware_vsphere'),
      destination_endpoint_id: idOf('openstack'),
      instances: ['web-01'],
      destination_environment: { migr_network: 'private' },
      network_map: { 'VM Network': 'private', Backend: 'storage-net' },
      user_scripts,
    };
  };
  const create = async (user_scripts: unknown): Promise<Answer> =>
    user.send('POST', path(), { [wrapper()]: await body(user_scripts) });
  /** What the server shows of the scripts of a new transfer, or its words. */
  const kept = async (user_scripts: unknown): Promise<unknown> => {
    const answer = await create(user_scripts);
    if (answer.status !== 200) return user.message(answer);
    return (answer.body[wrapper()] as Json)['user_scripts'];
  };
  /** A transfer that has been synced once. */
  const synced = async (user_scripts: unknown): Promise<string> => {
    const { id } = (await create(user_scripts)).body[wrapper()] as Transfer;
    const base = `${path()}/${id}`;
    const answer = await user.send('POST', `${base}/executions`, { execution: {} });
    const execution = `${base}/executions/${String((answer.body['execution'] as Json)['id'])}`;
    for (let step = 0; step < 200; step += 1) {
      const { status } = await user.get<Json>(execution, 'execution');
      if (status === 'COMPLETED') return id;
      user.clock.advance(60);
    }
    throw new Error('It never completed');
  };
  const deploy = async (id: string, more: Json = {}): Promise<Answer> =>
    isLegacy()
      ? user.send('POST', '/migrations', { migration: { replica_id: id, ...more } })
      : user.send('POST', '/deployments', { deployment: { transfer_id: id, ...more } });
  const deployed = async (id: string, more: Json = {}): Promise<unknown> => {
    const answer = await deploy(id, more);
    if (answer.status !== 200) return answer.status;
    return (answer.body[isLegacy() ? 'migration' : 'deployment'] as Deployment)['user_scripts'];
  };

  const post = 'osmorphing_post_os_mount';
  const twice = 'Invalid input received: Invalid input received: ';

  describe('of a script nothing is looked at before 1.2.3', () => {
    it.each(['1.0.6', '1.0.21', '1.1.0', '1.2.2'])('%s keeps whatever came', async (release) => {
      await arrive(release);
      const user_scripts = {
        global: { linux: '', windows: [{ phase: 'later', payload: 1, other: true }], bsd: 'a\r\nb' },
        instances: { 'web-01': null },
        note: 'kept too',
      };

      expect(await kept(user_scripts)).toEqual(user_scripts);
    });

    it.each(['1.2.3', '1.2.7'])('%s makes lists of scripts with phases', async (release) => {
      await arrive(release);

      expect(
        await kept({
          global: { linux: 'a\r\nb', windows: [{ payload: 'a\r\nb' }], bsd: null },
          instances: { 'web-01': 'a\r\nb' },
        }),
      ).toEqual({
        global: {
          linux: [{ phase: post, payload: 'a\nb' }],
          windows: [{ phase: post, payload: 'a\r\nb' }],
          bsd: [],
        },
        instances: { 'web-01': [{ phase: post, payload: 'a\nb' }] },
      });
    });
  });

  describe('refusals', () => {
    it.each(['1.0.6', '1.0.21', '1.2.2', '1.2.7'])('%s refuses what is no scripts', async (release) => {
      await arrive(release);

      expect(await kept([])).toBe(`${twice}"user_scripts" must be of JSON object format`);
      expect(await kept({ global: null })).toBe(
        `${twice}"global" must be a mapping between the identifiers of the supported OS types and their respective scripts.`,
      );
      expect(await kept({ instances: 'web-01' })).toContain('"instances" must be a mapping between');
      expect(await kept({ global: { other: 'true' } })).toBe(
        `${twice}The provided global user script os_type "other" is invalid. Must be one of the following: ` +
          "['bsd', 'linux', 'osx', 'solaris', 'windows']",
      );
    });

    it.each([
      [
        7,
        'Invalid user script format. Expecting a string or a list of dicts containing the payload and phase.',
      ],
      [['x'], 'Invalid user script list item, expecting dict.'],
      [[{ payload: 'x', when: 1 }], "Invalid script item key: when, allowed keys: ['payload', 'phase']"],
      [
        [{ payload: 'x', phase: 'late' }],
        "Unknown user script phase: late, supported phases: ['osmorphing_pre_os_mount', " +
          "'osmorphing_post_os_mount', 'replica_first_boot'].",
      ],
      [[{ phase: post }], "Missing 'payload' field."],
      [[{ payload: 1 }], 'Invalid payload type, expecting string.'],
    ])('1.2.7 refuses the script %j', async (script, words) => {
      await arrive('1.2.7');

      expect(await kept({ global: { linux: script } })).toBe(twice + words);
    });

    it.each([
      ['1.2.3', { global: { linux: [{ phase: post, payload: ' \r\n' }] } }],
      ['1.2.4', "Invalid input received: Empty script received. Use 'None' if the script should be removed."],
    ])('%s answers an empty script with %j', async (release, expected) => {
      await arrive(release);
      const answer = await kept({ global: { linux: [{ phase: post, payload: ' \r\n' }] } });
      const unix = { global: { linux: [{ phase: post, payload: ' \n' }] } };

      expect(answer).toEqual(typeof expected === 'string' ? expected : unix);
    });

    it.each([
      ['1.0.6', `${twice}"user_scripts" must be of JSON object format`],
      ['1.0.21', {}],
      ['1.2.7', {}],
    ])('%s answers null instead of scripts with %j', async (release, expected) => {
      await arrive(release);

      expect(await kept(null)).toEqual(expected);
    });

    it('1.0.21 refuses those of migrations first, and in one breath', async () => {
      await arrive('1.0.21');

      const migration = { ...(await body({ global: [] })), origin_endpoint_id: 'unknown' };
      const answer = await user.send('POST', '/migrations', { migration });

      expect(user.message(answer)).toMatch(/^Invalid input received: "global" must be/);
    });
  });

  describe('for instances that the transfer does not have', () => {
    const strange = { instances: { 'web-01': 'mine', 'web-99': 'not mine' } };

    it.each([
      ['1.0.13', { 'web-01': 'mine', 'web-99': 'not mine' }],
      ['1.0.14', { 'web-01': 'mine' }],
      ['1.1.7', { 'web-01': 'mine' }],
      ['1.1.8', { 'web-01': 'mine', 'web-99': 'not mine' }],
    ])('%s keeps with the transfer: %j', async (release, instances) => {
      await arrive(release);

      expect(await kept(strange)).toEqual({ instances });
    });

    it.each([
      ['1.1.7', {}],
      ['1.1.8', { 'web-01': 'mine' }],
      ['1.2.7', { 'web-01': [{ phase: post, payload: 'mine' }] }],
    ])('%s deploys with: %j', async (release, instances) => {
      await arrive(release);

      expect(await deployed(await synced({}), { user_scripts: strange })).toEqual({ instances });
    });
  });

  describe('of the transfer', () => {
    const own = { global: { linux: 'mine' }, instances: {} };
    const parts = { global: { linux: [{ phase: post, payload: 'mine' }] }, instances: {} };

    it.each([
      ['1.0.21', own, own],
      ['1.1.2', own, own],
      ['1.1.7', {}, {}],
      ['1.1.8', {}, own],
      ['1.2.7', {}, parts],
    ])('%s deploys with %j when there are none, and with %j for null', async (release, absent, none) => {
      await arrive(release);
      const id = await synced(own);

      expect(await deployed(id, { user_scripts: {} })).toEqual(absent);
      user.clock.advance(3600);
      expect(await deployed(id, { user_scripts: null })).toEqual(none);
    });
  });

  it('1.2.2 gives up on a script that is no text when it deploys', async () => {
    await arrive('1.2.2');
    const id = await synced({ instances: { 'web-01': [{ payload: 'x' }] } });

    expect(await deployed(id, { user_scripts: null })).toBe(500);
    expect(await deployed(id, { user_scripts: { global: { linux: 'a\r\nb' } } })).toEqual({
      global: { linux: 'a\nb' },
    });
  });

  it.each([
    ['1.2.2', { linux: null, windows: 'kept' }],
    ['1.2.7', { linux: [], windows: [{ phase: post, payload: 'kept' }] }],
  ])('%s shows a removed script as %j', async (release, global) => {
    await arrive(release);
    const id = await synced({ global: { linux: 'old', windows: 'kept' } });

    await user.send('PUT', `/transfers/${id}`, {
      transfer: { user_scripts: { global: { linux: null } } },
    });

    expect((await user.get<Json>(`/transfers/${id}`, 'transfer'))['user_scripts']).toEqual({
      global,
      instances: {},
    });
  });
});
