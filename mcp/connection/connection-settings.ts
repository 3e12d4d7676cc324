import { InvalidInputError } from '../../src/api/errors';
import { loginFromSettings } from '../../src/api/login-from-settings';
import type { LoginWithSelection, LoginSettingLabels } from '../../src/api/login-from-settings';
import {
  loginSettingsFromCloud,
  loginSettingsFromVariables,
  mergeLoginSettings,
  loginSettingVariables,
} from '../../src/api/login-settings';
import type { EnvironmentVariables, LoginSettings } from '../../src/api/login-settings';
import { findHomeDirectory, readCloudEntry } from './clouds-yaml';
import type { FileAccess } from './clouds-yaml';

/** TLS settings. */
export interface TlsSettings {
  /** Additional certificate authorities, in PEM form. */
  readonly ca?: string | undefined;
  /** Certificate of the client and its key, in PEM form, for servers that ask for one. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Whether to accept any certificate. */
  readonly insecure: boolean;
}

/** Connection settings for one project of a Coriolis. */
export interface ConnectionSettings extends LoginWithSelection {
  readonly tls: TlsSettings;
}

/**
 * Loads the connection settings. `--os-cloud` overrides `OS_CLOUD`; environment variables override the same settings of
 * the cloud in `clouds.yaml`.
 *
 * @param cloud name given on the command line
 * @throws {InvalidInputError} naming every variable that is missing or wrong; no value is quoted
 */
export async function readConnectionSettings(
  environment: EnvironmentVariables,
  cloud: string | undefined,
  files: FileAccess,
): Promise<ConnectionSettings> {
  const name = cloud ?? given(environment['OS_CLOUD']);
  const over = loginSettingsFromVariables(environment);
  const base =
    name === undefined
      ? {}
      : loginSettingsFromCloud(await readCloudEntry(name, environment, files), over.region_name);
  const settings = mergeLoginSettings(base, over);
  return {
    ...loginFromSettings(settings, settingLabels(environment)),
    tls: await tlsOf(settings, environment, files),
  };
}

const settingLabels = (environment: EnvironmentVariables): LoginSettingLabels => ({
  // An error names the environment variable of the setting that is set, or the first one when none is.
  nameOf: (setting) =>
    loginSettingVariables[setting].find((variable) => given(environment[variable]) !== undefined) ??
    loginSettingVariables[setting][0],
  advice:
    'Tell the operator of this MCP server to set these environment variables (the "env" block in the configuration of the MCP host), or to name a cloud of clouds.yaml with --os-cloud or OS_CLOUD, and to start it again.',
});

const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

async function tlsOf(
  settings: LoginSettings,
  environment: EnvironmentVariables,
  files: FileAccess,
): Promise<TlsSettings> {
  const pem = async (name: 'cacert' | 'cert' | 'key', kind: string, path: string): Promise<string> => {
    const text = await files.read(path.replace(/^~(?=\/)/, findHomeDirectory(environment)));
    if (text?.includes(`-----BEGIN ${kind}`) === true || text?.includes(` ${kind}-----`) === true)
      return text;
    throw new InvalidInputError(
      `${loginSettingVariables[name][0]} (or ${name}) names ${text === undefined ? 'a file that cannot be read' : `a file without a PEM ${kind.toLowerCase()}`}: ${path}`,
    );
  };
  const { cacert, cert, key, insecure } = settings;
  const client =
    cert === undefined
      ? undefined
      : {
          cert: await pem('cert', 'CERTIFICATE', cert),
          // Without `key`, the file of the certificate also holds the key.
          key: await pem('key', 'PRIVATE KEY', key ?? cert),
        };
  if (/^(1|true|yes|on)$/i.test(insecure ?? '')) return { insecure: true, clientCertificate: client };
  const ca = cacert === undefined ? undefined : await pem('cacert', 'CERTIFICATE', cacert);
  return { insecure: false, ca, clientCertificate: client };
}
