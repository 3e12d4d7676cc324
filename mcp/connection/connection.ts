import { InvalidInputError } from '../../src/api/errors';
import { loginFrom } from '../../src/api/login';
import type { KeystoneLogin, LoginWords } from '../../src/api/login';
import { fromCloud, fromEnvironment, merge, settingNames } from '../../src/api/settings';
import type { Environment, Settings } from '../../src/api/settings';
import { homeOf, readCloud } from './clouds';
import type { Files } from './clouds';

/** TLS settings. */
export interface Tls {
  /** Additional certificate authorities, in PEM form. */
  readonly ca?: string;
  /** Whether to accept any certificate. */
  readonly insecure: boolean;
}

/** Connection settings for one project of a Coriolis. */
export interface Connection extends KeystoneLogin {
  readonly tls: Tls;
}

/**
 * Loads the connection settings. `--os-cloud` overrides `OS_CLOUD`; environment variables override the same settings of
 * the cloud in `clouds.yaml`.
 *
 * @param cloud name given on the command line
 * @throws {InvalidInputError} naming every variable that is missing or wrong; no value is quoted
 */
export async function loadConnection(
  environment: Environment,
  cloud: string | undefined,
  files: Files,
): Promise<Connection> {
  const name = cloud ?? given(environment['OS_CLOUD']);
  const base = name === undefined ? {} : fromCloud(await readCloud(name, environment, files));
  const settings = merge(base, fromEnvironment(environment));
  return { ...loginFrom(settings, words), tls: await tlsOf(settings, environment, files) };
}

const words: LoginWords = {
  nameOf: (setting) => settingNames[setting][0],
  advice:
    'Tell the operator of this MCP server to set these environment variables (the "env" block in the configuration of the MCP host), or to name a cloud of clouds.yaml with --os-cloud or OS_CLOUD, and to start it again.',
};

const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

async function tlsOf({ cacert, insecure }: Settings, environment: Environment, files: Files): Promise<Tls> {
  if (/^(1|true|yes|on)$/i.test(insecure ?? '')) return { insecure: true };
  if (cacert === undefined) return { insecure: false };
  const ca = await files.read(cacert.replace(/^~(?=\/)/, homeOf(environment)));
  if (ca === undefined || !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new InvalidInputError(
      `OS_CACERT (or cacert) names ${ca === undefined ? 'a file that cannot be read' : 'a file without a PEM certificate'}: ${cacert}`,
    );
  }
  return { insecure: false, ca };
}
