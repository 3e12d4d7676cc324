import { createHash } from 'crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { InvalidInputError } from '../../src/api/errors';
import {
  loginCacheKey,
  type Login,
  type DomainReference,
  type CatalogueSelection,
} from '../../src/api/keystone';
import {
  loginFromSettings,
  serverAndProjectKeyOf,
  type LoginWithSelection,
} from '../../src/api/login-from-settings';
import { mergeLoginSettings, loginSettingVariables, type LoginSettings } from '../../src/api/login-settings';
import { readPastedSettings } from './pasted/pasted-settings';

/**
 * Reads the login, and which endpoint of Coriolis in Keystone's catalogue to use, from the fields of the credential.
 * @throws {InvalidInputError} a part of the login is missing
 */
export function readKeystoneLogin(credentials: ICredentialDataDecryptedObject): LoginWithSelection {
  const text = (name: string): string => {
    const value = credentials[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const given = (name: string): string | undefined => text(name) || undefined;
  const pasted = pastedSettings(credentials);
  if (pasted !== undefined) return loginFromSettings(pasted, pastedTextWording);
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
    // Not trimmed, because blanks may belong to the secret.
    const value = credentials[name];
    return typeof value === 'string' && value !== '' ? value : needed(name, title);
  };

  const address =
    text('keystoneBy') === 'appliance'
      ? { appliance: needed('appliance', 'Appliance Address') }
      : { authUrl: needed('authUrl', 'Auth URL') };
  const caller: Login =
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

  const selection: CatalogueSelection = {
    // n8n leaves hidden fields out of a credential, so a missing service type means its default.
    serviceType: credentials['serviceType'] === undefined ? 'migration' : given('serviceType'),
    region: given('region'),
    override: given('endpointOverride'),
    interface: interfaceOf(text('interface')),
  };
  return { identity: { ...address, ...caller }, selection };
}

/**
 * Settings from the pasted text of a credential; undefined when it is filled in field by field. The field Password
 * overrides the text, because Horizon's openrc files have no password.
 */
function pastedSettings(credentials: ICredentialDataDecryptedObject): LoginSettings | undefined {
  const { keystoneBy, pastedSecret, cloudName, password } = credentials;
  if (keystoneBy !== 'pasted') return undefined;
  if (typeof pastedSecret !== 'string' || pastedSecret.trim() === '') {
    throw new InvalidInputError('Openrc or clouds.yaml is missing', {
      field: 'pastedSecret',
      advice: 'Paste the text of the file into the Coriolis credential.',
    });
  }
  const cloud = typeof cloudName === 'string' ? cloudName.trim() : '';
  const settings = readPastedSettings(pastedSecret, cloud === '' ? undefined : cloud);
  return typeof password === 'string' && password !== ''
    ? mergeLoginSettings(settings, { password })
    : settings;
}

const pastedTextWording = {
  nameOf: (setting: keyof LoginSettings) =>
    setting === 'password'
      ? 'Password'
      : `${loginSettingVariables[setting][0]} (${setting} in a clouds.yaml)`,
  advice: 'Add it to the pasted text in the Coriolis credential; a password may stand in the field Password.',
};

const interfaceOf = (word: string): NonNullable<CatalogueSelection['interface']> =>
  word === 'internal' || word === 'admin' ? word : 'public';

/** SHA-256 fingerprint of a login. A token that was stored with another fingerprint must not be used. */
export const loginFingerprintOf = ({ identity, selection }: LoginWithSelection): string =>
  createHash('sha256').update(loginCacheKey(identity, selection)).digest('hex');

/** Text that is equal for credentials of the same server and project. */
export const serverAndProjectOf = (credentials: ICredentialDataDecryptedObject): string =>
  serverAndProjectKeyOf(readKeystoneLogin(credentials));

/**
 * Address of the web interface, for links: the one that was filled in, or that of the appliance. Undefined when neither
 * is known.
 */
export function webInterfaceAddressOf(credentials: ICredentialDataDecryptedObject): string | undefined {
  const { webAddress, keystoneBy, appliance } = credentials;
  const of = (value: unknown): string | undefined =>
    typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  if (of(webAddress) !== undefined) return of(webAddress);
  if (keystoneBy === 'appliance') return of(appliance);
  return pastedSettings(credentials)?.appliance;
}

/** TLS options of n8n's HTTP helper. n8n before 2.20 ignores the CA certificate. */
export function tlsOptionsOf(credentials: ICredentialDataDecryptedObject) {
  const { caPem, ignoreSslIssues } = credentials;
  // In a certificate pasted as one line, line ends are often the two characters `\n`.
  const ca = typeof caPem === 'string' ? caPem.replace(/\\n/gu, '\n').trim() : '';
  return {
    skipSslCertificateValidation: ignoreSslIssues === true || isYes(pastedSettings(credentials)?.insecure),
    ...(ca === '' ? {} : { agentOptions: { ca } }),
  };
}

const isYes = (word: string | undefined): boolean => /^(?:1|true|yes|on)$/iu.test(word ?? '');
