import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { generate } from 'selfsigned';
import { credentialType, loginOf, startLab, type Lab } from './lab';

/** Keystone and Coriolis behind a certificate that no public authority has signed: what the credential's two switches do. */

/** A certificate of its own authority, for the address that the test server listens on. */
const certificate = () =>
  generate([{ name: 'commonName', value: 'coriolis.test' }], {
    keySize: 2048,
    algorithm: 'sha256',
    days: 1,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
const { private: key, cert } = certificate();

let lab: Lab;
let front: Server;
beforeAll(async () => {
  lab = await startLab();
  const { hostname, port } = new URL(lab.sandbox.url);
  // Ends TLS before the sandbox, as the load balancers of real installations do.
  front = createServer({ key, cert }, (asked, answer) => {
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(onward);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});
afterAll(async () => {
  front.close();
  front.closeAllConnections();
  await lab.stop();
});

/** Both services by way of the front; Keystone's catalogue does not know it. */
function login(more: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject {
  const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
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
  expect(await testOf({ caPem: cert })).toEqual({ status: 'OK', message: expect.any(String) });

  const result = await endpointsWith({ caPem: cert });

  expect(result.error).toBeUndefined();
  expect(result.rows('Coriolis').map(({ name }) => name)).toContain('vcenter');
});

test('a CA certificate pasted into a single line is understood', async () => {
  expect(await testOf({ caPem: cert.trim().replaceAll(/\r?\n/g, '\\n') })).toEqual({
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
