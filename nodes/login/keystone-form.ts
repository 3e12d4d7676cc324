import { createHash } from 'crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { InvalidInputError } from '../../src/api/errors';
import {
  fingerprintText,
  type Caller,
  type DomainReference,
  type EndpointSelection,
} from '../../src/api/keystone';
import { loginScope, type KeystoneLogin } from '../../src/api/login';

/**
 * Reads the login and the endpoint selection from the credential's fields.
 * @throws {InvalidInputError} a part of the login is missing
 */
export function readForm(credentials: ICredentialDataDecryptedObject): KeystoneLogin {
  const text = (name: string): string => {
    const value = credentials[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const given = (name: string): string | undefined => text(name) || undefined;
  const needed = (name: string, title: string): string => {
    const value = text(name);
    if (value !== '') return value;
    throw new InvalidInputError(`${title} is missing`, {
      field: name,
      advice: 'Fill it in, in the Coriolis credential.',
    });
  };
  const domain = (name: string, title: string): DomainReference =>
    text('domainsBy') === 'id' ? { id: needed(name, title) } : { name: needed(name, title) };
  const password = (name: string, title: string): string => {
    // Not trimmed: blanks may be part of it.
    const value = credentials[name];
    return typeof value === 'string' && value !== '' ? value : needed(name, title);
  };

  const address =
    text('keystoneBy') === 'appliance'
      ? { appliance: needed('appliance', 'Appliance Address') }
      : { authUrl: needed('authUrl', 'Auth URL') };
  const caller: Caller =
    text('method') === 'applicationCredential'
      ? {
          method: 'application_credential',
          credential: { id: needed('applicationCredentialId', 'Application Credential ID') },
          secret: password('applicationCredentialSecret', 'Application Credential Secret'),
        }
      : {
          method: 'password',
          user:
            text('userBy') === 'id'
              ? { id: needed('userId', 'User ID') }
              : { name: needed('userName', 'User Name'), domain: domain('userDomain', 'User Domain') },
          password: password('password', 'Password'),
          project:
            text('projectBy') === 'id'
              ? { id: needed('projectId', 'Project ID') }
              : {
                  name: needed('projectName', 'Project Name'),
                  domain: domain('projectDomain', 'Project Domain'),
                },
        };

  const selection: EndpointSelection = {
    serviceType: given('serviceType'),
    region: given('region'),
    override: given('endpointOverride'),
    interface: interfaceOf(text('interface')),
  };
  return { identity: { ...address, ...caller }, selection };
}

const interfaceOf = (word: string): NonNullable<EndpointSelection['interface']> =>
  word === 'internal' || word === 'admin' ? word : 'public';

/** Fingerprint of a login, without its secrets. When it changes, a stored token must not be used any more. */
export const loginFingerprint = ({ identity, selection }: KeystoneLogin): string =>
  createHash('sha256').update(fingerprintText(identity, selection)).digest('hex');

/** Identifies the server and project of a credential. */
export const credentialScope = (credentials: ICredentialDataDecryptedObject): string =>
  loginScope(readForm(credentials));

/** TLS options of n8n's HTTP helper. n8n before 2.20 ignores the CA certificate. */
export function tlsOptions({ caPem, ignoreSslIssues }: ICredentialDataDecryptedObject) {
  // In a certificate pasted as one line, line ends are often the two characters `\n`.
  const ca = typeof caPem === 'string' ? caPem.replace(/\\n/gu, '\n').trim() : '';
  return {
    skipSslCertificateValidation: ignoreSslIssues === true,
    ...(ca === '' ? {} : { agentOptions: { ca } }),
  };
}
