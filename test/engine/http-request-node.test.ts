import type { IExecuteFunctions, INodeType } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { n8nCredentialOf, readDemoLogin } from '../../demo/demo-login';
import { chain, createEngine, items, node, type RunResult } from '../support/engine';
import { credentialType } from './lab';

/** Sends as n8n's HTTP Request node does: through the older helper, with an absolute `uri`. */
const requester: INodeType = {
  description: {
    displayName: 'Requester',
    name: 'requester',
    group: ['transform'],
    version: 1,
    description: '',
    defaults: { name: 'Requester' },
    inputs: ['main'],
    outputs: ['main'],
    credentials: [{ name: credentialType, required: true }],
    properties: [{ displayName: 'URL', name: 'url', type: 'string', default: '' }],
  },
  async execute(this: IExecuteFunctions) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- what n8n's own node still uses
    const answer = (await this.helpers.requestWithAuthentication.call(this, credentialType, {
      method: 'GET',
      uri: this.getNodeParameter('url', 0) as string,
      json: true,
      simple: false,
      resolveWithFullResponse: true,
      followRedirect: true,
      followAllRedirects: true,
    })) as { statusCode: number; body: unknown };
    return [[{ json: { status: answer.statusCode, body: answer.body as object } }]];
  },
};

let sandbox: Sandbox;
let request: (url: string) => Promise<RunResult>;

beforeAll(async () => {
  sandbox = await startSandbox();
  const engine = await createEngine({
    packageDir: process.env['ENGINE_PACKAGE_DIR'] ?? `${__dirname}/../..`,
    nodeTypes: new Map([['test.requester', requester]]),
  });
  const login = await readDemoLogin(loginVariablesOf(sandbox.connection));
  const credential = engine.credentials.add(credentialType, n8nCredentialOf(login.connection));
  request = (url) =>
    engine.runWorkflow(chain(items({}), node('Requester', 'test.requester', { url }, credential)));
});

afterAll(() => sandbox.stop());

test("n8n's HTTP Request node logs in to Coriolis with the credential", async () => {
  const result = await request(`${sandbox.coriolisUrl}/endpoints`);

  expect(result.error).toBeUndefined();
  expect(result.rows('Requester')).toEqual([{ status: 200, body: { endpoints: expect.any(Array) } }]);
});

test('and its token does not follow a redirect', async () => {
  sandbox.faults.add({
    path: /\/transfers/,
    fault: { kind: 'redirect', location: `${sandbox.url}/elsewhere` },
  });
  sandbox.requests.clear();

  await request(`${sandbox.coriolisUrl}/transfers`);

  expect(sandbox.requests.entries.map(({ path }) => path.replace(/^\/v1\/[0-9a-f]+/, ''))).toEqual([
    '/transfers',
  ]);
});

test('and its token goes to no other host, whatever somebody types', async () => {
  const elsewhere = await startSandbox();
  const result = await request(`${elsewhere.coriolisUrl}/endpoints`);
  await elsewhere.stop();

  expect(result.error?.message).toContain('the token is not sent there');
  expect(elsewhere.requests.total).toBe(0);
});
