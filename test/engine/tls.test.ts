import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { certificate, startTlsFront, type TlsFront } from '../support/tls-front';
import { credentialType, loginOf, startLab, type Lab } from './lab';

/** Keystone and Coriolis behind a certificate that no public authority has signed: what the credential's two switches do. */

let lab: Lab;
let front: TlsFront;
beforeAll(async () => {
  lab = await startLab();
  front = await startTlsFront(lab.sandbox.url);
});
afterAll(async () => {
  front.close();
  await lab.stop();
});

/** Both services by way of the front; Keystone's catalogue does not know it. */
function login(more: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject {
  const { url } = front;
  return { ...loginOf(lab.sandbox), authUrl: `${url}/v3`, endpointOverride: `${url}/v1`, ...more };
}

const testOf = (more: ICredentialDataDecryptedObject) =>
  lab.engine.testCredential(credentialType, login(more));

async function endpointsWith(more: ICredentialDataDecryptedObject) {
  const { id, name } = lab.engine.credentials.add(credentialType, login(more));
  return await lab.run(
    'endpoint.getAll',
    { returnAll: true },
    { node: { credentials: { [credentialType]: { id, name } } } },
  );
}

test('without either, the test says what is wrong with the certificate and what to do', async () => {
  const { status, message } = await testOf({});

  expect(status).toBe('Error');
  expect(message).toMatch(/The certificate of 127\.0\.0\.1.* is self-signed.*Paste the CA certificate/);
});

test('the CA certificate in the credential is trusted, by login and requests', async () => {
  expect(await testOf({ caPem: front.cert })).toEqual({ status: 'OK', message: expect.any(String) });

  const result = await endpointsWith({ caPem: front.cert });

  expect(result.error).toBeUndefined();
  expect(result.rows('Coriolis').map(({ name }) => name)).toContain('vcenter');
});

test('a CA certificate pasted into a single line is understood', async () => {
  expect(await testOf({ caPem: front.cert.trim().replaceAll(/\r?\n/g, '\\n') })).toEqual({
    status: 'OK',
    message: expect.any(String),
  });
});

test('the certificate of another authority is not enough', async () => {
  const { status, message } = await testOf({ caPem: certificate().cert });

  expect(status).toBe('Error');
  expect(message).toMatch(/certificate of 127\.0\.0\.1/);
});

test('ignoring SSL issues accepts it, by login and requests', async () => {
  expect(await testOf({ ignoreSslIssues: true })).toEqual({ status: 'OK', message: expect.any(String) });

  const { error } = await endpointsWith({ ignoreSslIssues: true });

  expect(error).toBeUndefined();
});
