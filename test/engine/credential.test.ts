import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { credentialType, locator, loginOf, startLab, type Lab } from './lab';
import { chain, items, node } from '../support/engine';
import { coriolisType } from './lab';

/** How the credential logs in, keeps its token and notices that it must not be used any more. */

let lab: Lab;
afterEach(() => lab.stop());

const tokenPath = '/v3/auth/tokens';
const logins = (): number => lab.sandbox.requests.count('POST', tokenPath);
const calls = (): number => lab.sandbox.requests.total - logins();

/** Runs a read for a credential with these fields changed. */
const readWith = async (changes: ICredentialDataDecryptedObject, count = 1, resource = 'transfer') => {
  const credential = lab.engine.credentials.add(credentialType, { ...loginOf(lab.sandbox), ...changes });
  const result = await lab.engine.runWorkflow(
    chain(
      items(...Array.from({ length: count }, () => ({}))),
      node('Read', coriolisType, { resource, operation: 'getAll' }, credential),
    ),
  );
  return { ...result, credential };
};

test('one login serves all items and later runs; nothing undeclared is kept', async () => {
  lab = await startLab();

  const { credential, error } = await readWith({}, 40, 'deployment');
  await lab.engine.runWorkflow(
    chain(items({}), node('Read', coriolisType, { resource: 'endpoint', operation: 'getAll' }, credential)),
  );

  expect(error).toBeUndefined();
  expect(logins()).toBe(1);
  expect(calls()).toBe(41);
  const kept = lab.engine.credentials.read(credential);
  const declared = lab.engine.credentials.getCredentialsProperties(credentialType).map(({ name }) => name);
  expect(Object.keys(kept).filter((key) => !declared.includes(key))).toEqual([]);
  expect(kept['endpointUrl']).toBe(lab.sandbox.coriolisUrl);
  expect(String(kept['sessionMeta'])).not.toContain(String(kept['password']));
});

test('a wrong password is tried once, however many items there are', async () => {
  lab = await startLab();

  const { error } = await readWith({ password: 'wrong' }, 20);

  expect(logins()).toBe(1);
  expect(calls()).toBe(0);
  expect(error).toMatchObject({
    httpCode: '401',
    message: expect.stringContaining('Keystone refused user "demo" of domain "Default"'),
    description: expect.stringContaining('Check the password'),
  });
});

test('a token that ends in the middle of a run is renewed, once', async () => {
  lab = await startLab();
  const { credential } = await readWith({});
  lab.sandbox.requests.clear();
  // What an operator does, and what expiry looks like to a client whose clock is behind.
  lab.sandbox.faults.add({ path: /\/transfers/, after: 5, times: 8, fault: refused });

  const result = await lab.engine.runWorkflow(
    chain(
      items(...Array.from({ length: 30 }, () => ({}))),
      node('Read', coriolisType, { resource: 'transfer', operation: 'getAll' }, credential),
    ),
  );

  expect(result.error).toBeUndefined();
  expect(logins()).toBeGreaterThanOrEqual(1);
  expect(logins()).toBeLessThanOrEqual(2);
});

const refused = {
  kind: 'status',
  status: 401,
  headers: { 'content-type': 'application/json' },
  body: '{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}',
} as const;

test('a token that stays refused ends in one error that says so', async () => {
  lab = await startLab();
  lab.sandbox.faults.add({ path: /\/transfers/, times: 100, fault: refused });

  const { error } = await readWith({});

  expect(logins()).toBe(2);
  expect(error).toMatchObject({
    httpCode: '401',
    message: expect.stringContaining('does not accept the token'),
  });
});

test('a token is replaced before it expires', async () => {
  lab = await startLab({ tokenLifetimeMs: 3_600_000 });
  const { credential } = await readWith({});
  const first = lab.engine.credentials.read(credential)['sessionToken'];
  const { now } = Date;
  // Half a minute before its end.
  const later = jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_570_000);

  const result = await lab.engine.runWorkflow(
    chain(items({}), node('Read', coriolisType, { resource: 'transfer', operation: 'getAll' }, credential)),
  );

  expect(result.error).toBeUndefined();
  later.mockRestore();
  expect(lab.engine.credentials.read(credential)['sessionToken']).not.toBe(first);
  expect(lab.sandbox.requests.entries.filter(({ status }) => status === 401)).toEqual([]);
});

test('a changed identity does not go on with the old token', async () => {
  lab = await startLab();
  const { credential } = await readWith({});
  const { other } = lab.sandbox.connection;
  lab.engine.credentials.edit(credential, {
    userName: other.username,
    password: other.password,
    projectName: other.project,
  });
  lab.sandbox.requests.clear();

  const result = await lab.engine.runWorkflow(
    chain(items({}), node('Read', coriolisType, { resource: 'transfer', operation: 'getAll' }, credential)),
  );

  expect(result.error).toBeUndefined();
  expect(logins()).toBe(1);
  expect(lab.engine.credentials.read(credential)['endpointUrl']).not.toBe(lab.sandbox.coriolisUrl);
});

test('a token that was revoked spoils one run, and the next one logs in anew', async () => {
  lab = await startLab({ transfers: 3 });
  const read = await readWith({});
  const { credential } = read;
  const [transfer] = read.rows('Read').filter(({ status }) => status !== 'RUNNING');
  const token = String(lab.engine.credentials.read(credential)['sessionToken']);
  await fetch(`${lab.sandbox.url}${tokenPath}`, {
    method: 'DELETE',
    headers: { 'X-Auth-Token': token, 'X-Subject-Token': token },
  });
  const execute = async () =>
    await lab.engine.runWorkflow(
      chain(
        items({}),
        node(
          'Execute',
          coriolisType,
          { resource: 'execution', operation: 'start', transferId: locator(String(transfer?.['id'])) },
          credential,
        ),
      ),
    );
  lab.sandbox.requests.clear();
  // Nobody doubts a token that was issued a moment ago.
  const later = Date.now() + 11_000;
  jest.spyOn(Date, 'now').mockImplementation(() => later);

  const first = await execute();
  const second = await execute();
  jest.restoreAllMocks();

  expect(first.error?.description).toContain('try again, which logs in anew');
  expect(second.error).toBeUndefined();
  expect(logins()).toBe(1);
});

test('ids log in like names', async () => {
  lab = await startLab();
  const { demo, migration } = lab.sandbox.users;

  const byIds = await readWith({
    userBy: 'id',
    userId: demo.id,
    projectBy: 'id',
    projectId: migration.id,
    userName: '',
    projectName: '',
  });
  const byDomainIds = await readWith({ domainsBy: 'id', userDomain: 'default', projectDomain: 'default' });

  expect(byIds.error).toBeUndefined();
  expect(byDomainIds.error).toBeUndefined();
});

test('an endpoint given by hand wins over the catalogue', async () => {
  lab = await startLab();

  const { error, credential } = await readWith({
    endpointOverride: `${lab.sandbox.url}/v1`,
    region: 'nowhere',
  });

  expect(error).toBeUndefined();
  expect(lab.engine.credentials.read(credential)['endpointUrl']).toBe(lab.sandbox.coriolisUrl);
});

test('the address of an appliance leads to Keystone, Coriolis and the services beside it', async () => {
  lab = await startLab();
  const { url, connection, requests } = lab.sandbox;
  const { username, password } = connection.admin;

  const { error, credential } = await readWith(
    {
      keystoneBy: 'appliance',
      appliance: `${url}/`,
      authUrl: '',
      userName: username,
      password,
    },
    1,
    'deployment',
  );
  const logs = await lab.engine.runWorkflow(
    chain(items({}), node('Logs', coriolisType, { resource: 'log', operation: 'getAll' }, credential)),
  );

  expect([error, logs.error]).toEqual([undefined, undefined]);
  expect(requests.count('GET', '/api/config')).toBe(1);
  expect(requests.count('POST', '/identity/auth/tokens')).toBe(1);
  expect(requests.count('GET', /^\/coriolis\//u)).toBe(1);
  expect(requests.count('GET', /^\/logs/u)).toBe(1);
});

test('an address without an appliance is called that, and no password is sent there', async () => {
  lab = await startLab();

  const { error } = await readWith({ keystoneBy: 'appliance', appliance: lab.sandbox.authUrl });

  expect(error?.message).toContain('is no Coriolis appliance');
  expect(lab.sandbox.requests.count('POST', /./u)).toBe(0);
});
