import fc from 'fast-check';
import { NodeHelpers, type ICredentialDataDecryptedObject, type INodeParameters } from 'n8n-workflow';
import { CoriolisKeystoneApi } from '../../../credentials/CoriolisKeystoneApi.credentials';
import { readKeystoneLogin, tlsOptionsOf } from '../../../nodes/login/read-credential';

/** Credentials stored by 0.1.0 mean the same login with the form of today. */

const { properties } = new CoriolisKeystoneApi();

/** What n8n gives to the credential: values of declared fields that show, and defaults. */
const decrypted = (stored: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject =>
  NodeHelpers.getNodeParameters(
    properties,
    stored as INodeParameters,
    true,
    false,
    null,
    null,
  ) as ICredentialDataDecryptedObject;

const meaning = (data: ICredentialDataDecryptedObject) => ({
  login: readKeystoneLogin(data),
  tls: tlsOptionsOf(data),
});

/** As the editor of 0.1.0 stored it: every field, with its default where nobody changed it. */
const stored: ICredentialDataDecryptedObject = {
  keystoneBy: 'authUrl',
  authUrl: 'https://keystone.example.com:5000/v3',
  appliance: '',
  method: 'password',
  applicationCredentialId: '',
  applicationCredentialSecret: '',
  userBy: 'name',
  userName: 'migrator',
  userId: '',
  password: 'secret',
  projectBy: 'name',
  projectName: 'migration',
  projectId: '',
  domainsBy: 'name',
  userDomain: 'Default',
  projectDomain: 'Default',
  region: '',
  interface: 'public',
  serviceType: 'migration',
  endpointOverride: '',
  caPem: '',
  ignoreSslIssues: false,
  sessionToken: 'gAAAA',
  endpointUrl: 'https://coriolis.example.com:7667/v1/12345',
  sessionMeta: '{}',
};

test('a plain one', () => {
  expect(meaning(decrypted(stored))).toEqual(meaning(stored));
  expect(decrypted(stored)).toMatchObject({ sessionToken: 'gAAAA', sessionMeta: '{}' });
});

test('any one, with its advanced fields in use', () => {
  const word = fc.constantFrom('a', 'b');
  const changed = fc.record(
    {
      keystoneBy: fc.constantFrom('authUrl', 'appliance'),
      appliance: fc.constant('https://box.example.com'),
      method: fc.constantFrom('password', 'applicationCredential'),
      applicationCredentialId: word,
      applicationCredentialSecret: word,
      userBy: fc.constantFrom('name', 'id'),
      userId: word,
      projectBy: fc.constantFrom('name', 'id'),
      projectId: word,
      domainsBy: fc.constantFrom('name', 'id'),
      userDomain: word,
      projectDomain: word,
      region: word,
      interface: fc.constantFrom('public', 'internal', 'admin'),
      serviceType: word,
      endpointOverride: fc.constant('https://other.example.com/v1'),
      caPem: word,
      ignoreSslIssues: fc.boolean(),
    },
    {
      requiredKeys: [
        'appliance',
        'applicationCredentialId',
        'applicationCredentialSecret',
        'userId',
        'projectId',
      ],
    },
  );
  fc.assert(
    fc.property(
      changed,
      fc.constantFrom({}, { advanced: false }, { advanced: true }),
      (changes, switched) => {
        const data = { ...stored, ...changes };
        expect(meaning(decrypted({ ...data, ...switched }))).toEqual(meaning(data));
      },
    ),
    { numRuns: 300 },
  );
});
