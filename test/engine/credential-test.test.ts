import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startRelay, type Relay } from '../support/relay';
import { credentialType, loginOf, startLab, type Lab } from './lab';

/** What the test button of the credential tells a person. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.sandbox.requests.clear());

const test_ = (changes: ICredentialDataDecryptedObject = {}) =>
  lab.engine.testCredential(credentialType, { ...loginOf(lab.sandbox), ...changes });

test('everything right', async () => {
  expect(await test_()).toEqual({ status: 'OK', message: expect.any(String) });
});

test.each<[string, ICredentialDataDecryptedObject, RegExp]>([
  ['a wrong password', { password: 'wrong' }, /Keystone refused user "demo".*Check the password/],
  [
    'an unknown project',
    { projectName: 'nowhere' },
    /Keystone refused user "demo".*project "nowhere".*Check/,
  ],
  ['an unknown region', { region: 'Mars' }, /no endpoint for the region "Mars".*catalogue has/],
  ['no Coriolis in the catalogue', { serviceType: 'migrations' }, /Keystone knows no Coriolis.*service type/],
  ['nothing filled in', { authUrl: '' }, /Auth URL is missing/],
  ['no address', { authUrl: 'keystone' }, /must be an http:\/\/ or https:\/\/ address/],
  ['an unknown host', { authUrl: 'http://keystone.invalid:5000/v3' }, /host name.*(unknown|looked up)/],
])('%s', async (_, changes, message) => {
  const result = await test_(changes);

  expect(result.status).toBe('Error');
  expect(result.message).toMatch(message);
  expect(lab.sandbox.requests.count('POST', '/v3/auth/tokens')).toBeLessThanOrEqual(1);
});

test('something else than Keystone at the URL', async () => {
  const { message } = await test_({ authUrl: `${lab.sandbox.url}/elsewhere` });

  expect(message).toMatch(/No Keystone v3 answers at .*Correct the auth URL/);
});

test('nothing at all at the URL', async () => {
  const { message } = await test_({ authUrl: `http://127.0.0.1:${await unusedPort()}/v3` });

  expect(message).toMatch(/Nothing listens at 127\.0\.0\.1:\d+.*address and port/);
});

test('an endpoint that is not Coriolis', async () => {
  const { message } = await test_({ endpointOverride: `${lab.sandbox.url}/v3` });

  expect(message).toMatch(/no Coriolis 1\.1 or later answers/);
});

describe('a reason phrase, which n8n shows where nothing else is said, is not shown', () => {
  const secret = 'Zx9Reason7Q';
  const statuses = [301, 302, 400, 402, 407, 409, 418, 429, 451, 499, 500, 501, 502, 503, 504, 511, 520, 530];
  let relay: Relay;
  beforeAll(async () => {
    relay = await startRelay(lab.sandbox.url);
  });
  afterAll(() => relay.close());

  test.each(statuses)('HTTP %d of Keystone', async (status) => {
    relay.meddle = ({ path }) =>
      /auth\/tokens/u.test(path)
        ? (response) => void response.writeHead(status, `password=${secret}`).end(`password=${secret}`)
        : undefined;

    // A user of its own: a login that was refused is not tried again at once.
    const { message } = await test_({ authUrl: `${relay.url}/v3`, userName: `user-${status}` });

    expect(message).toMatch(/Keystone|redirect/u);
    expect(message).not.toContain(secret);
  });

  test.each(statuses)('HTTP %d of Coriolis', async (status) => {
    relay.meddle = () => (response) =>
      void response.writeHead(status, `password=${secret}`).end(`password=${secret}`);

    const { message } = await test_({ endpointOverride: `${relay.url}/v1` });

    expect(message).toMatch(/^The login works, but /u);
    expect(message).toContain(`HTTP ${status}`);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
