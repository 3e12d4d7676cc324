import { SandboxUser } from './user';

type Urls = Readonly<Record<string, string>>;

describe('a sandbox as an appliance', () => {
  let user: SandboxUser;
  let urls: Urls;

  beforeEach(async () => {
    user = await SandboxUser.start();
    const answer = await fetch(`${user.sandbox.url}/api/config`);
    ({
      config: { servicesUrls: urls },
    } = (await answer.json()) as { config: { servicesUrls: Urls } });
  });

  afterEach(() => user.stop());

  it('serves every service under the address that its configuration names', async () => {
    const project = user.sandbox.users.migration.id;
    const paths = [
      `${urls['keystone']}/auth/projects`,
      `${urls['coriolis']}/${project}/endpoints`,
      `${urls['barbican']}/v1/secrets`,
      `${urls['coriolisLogs']}`,
      `${urls['coriolisLicensing']}/status`,
      `${urls['metalhub']}/servers`,
    ].map((url) => url.slice(user.sandbox.url.length));

    const answers = await Promise.all(paths.map((path) => user.ask('GET', path)));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as object[];

    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    expect(bodies.map((body) => (Array.isArray(body) ? [] : Object.keys(body)[0]))).toEqual([
      'projects',
      'endpoints',
      'secrets',
      'logs',
      'status',
      [],
    ]);
  });

  it('names the same services in the catalogue', async () => {
    const answer = await user.ask('GET', '/v3/auth/catalog');
    const { catalog } = (await answer.json()) as { catalog: { type: string }[] };

    expect(catalog.map(({ type }) => type)).toEqual([
      'migration',
      'identity',
      'coriolis-logger',
      'coriolis-licensing',
      'key-manager',
    ]);
  });

  it('registers bare-metal servers by integer ids, without wrappers', async () => {
    const servers = '/metal-hub/servers';
    const json = async (method: string, path: string, body?: string): Promise<unknown> =>
      (await user.ask(method, path, body)).json();

    const added = await json('POST', servers, '{"api_endpoint": "https://192.0.2.10:9999"}');
    const moved = await json('PUT', `${servers}/1`, '{"api_endpoint": "https://192.0.2.11:9999"}');
    const refreshed = await user.ask('GET', `${servers}/1/refresh`);
    const listed = await json('GET', servers);
    const refused = await user.ask('POST', servers, '{}');
    const deleted = await user.ask('DELETE', `${servers}/1`);
    const gone = await user.ask('GET', `${servers}/1`);

    expect(added).toMatchObject({ id: 1, active: true, api_endpoint: 'https://192.0.2.10:9999' });
    expect(listed).toEqual([moved]);
    expect([refreshed.status, refused.status, deleted.status, gone.status]).toEqual([200, 400, 204, 404]);
  });

  it('lets nobody at its bare-metal servers without a token', async () => {
    expect((await fetch(`${user.sandbox.url}/metal-hub/servers`)).status).toBe(401);
  });
});
