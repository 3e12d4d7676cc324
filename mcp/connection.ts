import { InvalidInputError } from '../src/api/errors';
import type { EndpointSelection } from '../src/api/service-catalogue';
import type { DomainReference, Identity, ProjectReference, UserReference } from '../src/api/identity';
import { readCloud } from './clouds';
import type { Files } from './clouds';
import { fromCloud, fromEnvironment, merge, settingNames } from './settings';
import type { Environment, SettingName, Settings } from './settings';

/** How certificates are checked. */
export interface Tls {
  /** Certificates of additional authorities, PEM. */
  readonly ca?: string;
  /** Whether certificates are not checked at all. */
  readonly insecure: boolean;
}

/** Everything that is needed to reach one project of one Coriolis. */
export interface Connection {
  readonly identity: Identity;
  readonly selection: EndpointSelection;
  readonly tls: Tls;
}

/**
 * Where and as whom to log in. `--os-cloud` wins over `OS_CLOUD`; each variable of the environment wins over the same
 * setting of the cloud in `clouds.yaml`.
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
  return {
    identity: identityOf(settings),
    selection: selectionOf(settings),
    tls: await tlsOf(settings, files),
  };
}

const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

function identityOf(settings: Settings): Identity {
  const missing = new Missing(settings);
  const authUrl = missing.need('auth_url');
  const identity = ((): Identity => {
    switch (methodOf(settings)) {
      case 'application_credential':
        return {
          authUrl,
          method: 'application_credential',
          credential:
            settings.application_credential_id === undefined
              ? {
                  name: missing.need('application_credential_name', 'application_credential_id'),
                  user: userOf(settings, missing),
                }
              : { id: settings.application_credential_id },
          secret: missing.need('application_credential_secret'),
        };
      case 'token':
        return {
          authUrl,
          method: 'token',
          token: missing.need('token'),
          project: projectOf(settings, missing),
        };
      case 'password':
        return {
          authUrl,
          method: 'password',
          user: userOf(settings, missing),
          password: missing.need('password'),
          project: projectOf(settings, missing),
        };
    }
  })();
  missing.refuse();
  return identity;
}

/** Collects what is missing, so that one error names everything. */
class Missing {
  private readonly names: string[] = [];

  constructor(private readonly settings: Settings) {}

  /** The value, or an empty text and a note when it is missing; `or` may stand in its place. */
  need(name: SettingName, or?: SettingName): string {
    const value = this.settings[name];
    if (value === undefined) {
      const [variable] = settingNames[name];
      this.names.push(or === undefined ? variable : `${variable} (or ${settingNames[or][0]})`);
    }
    return value ?? '';
  }

  refuse(): void {
    if (this.names.length === 0) return;
    throw new InvalidInputError(
      `The login to Coriolis is not set up: ${this.names.join(', ')} ${this.names.length === 1 ? 'is' : 'are'} missing.`,
      {
        advice:
          'Tell the operator of this MCP server to set these environment variables (the "env" block in the configuration of the MCP host), or to name a cloud of clouds.yaml with --os-cloud or OS_CLOUD, and to start it again.',
      },
    );
  }
}

/** What was asked for, else what the credentials at hand allow. */
function methodOf(settings: Settings): Identity['method'] {
  const type = settings.auth_type?.toLowerCase().replace(/^v3/, '');
  switch (type) {
    case 'applicationcredential':
    case 'application_credential':
      return 'application_credential';
    case 'token':
    case 'password':
      return type;
    case undefined:
      break;
    default:
      throw new InvalidInputError('OS_AUTH_TYPE is not supported.', {
        advice: 'Supported are password, token and v3applicationcredential.',
      });
  }
  if (
    settings.application_credential_id !== undefined ||
    settings.application_credential_name !== undefined
  ) {
    return 'application_credential';
  }
  return settings.token !== undefined && settings.password === undefined ? 'token' : 'password';
}

/** The domain, or that with the id `default`, as the OpenStack command line has it. */
const domainOf = (id: string | undefined, name: string | undefined, settings: Settings): DomainReference => {
  if (id !== undefined) return { id };
  if (name !== undefined) return { name };
  return settings.default_domain_name === undefined
    ? { id: settings.default_domain_id ?? 'default' }
    : { name: settings.default_domain_name };
};

const userOf = (settings: Settings, missing: Missing): UserReference =>
  settings.user_id === undefined
    ? {
        name: missing.need('username', 'user_id'),
        domain: domainOf(settings.user_domain_id, settings.user_domain_name, settings),
      }
    : { id: settings.user_id };

const projectOf = (settings: Settings, missing: Missing): ProjectReference =>
  settings.project_id === undefined
    ? {
        name: missing.need('project_name', 'project_id'),
        domain: domainOf(settings.project_domain_id, settings.project_domain_name, settings),
      }
    : { id: settings.project_id };

function selectionOf(settings: Settings): EndpointSelection {
  const { service_type, service_name, region_name, endpoint } = settings;
  const words = settings.interface?.toLowerCase().replace(/url$/, '');
  if (words !== undefined && words !== 'public' && words !== 'internal' && words !== 'admin') {
    throw new InvalidInputError('OS_INTERFACE (or CORIOLIS_INTERFACE) must be public, internal or admin.');
  }
  return {
    ...(service_type === undefined ? {} : { serviceType: service_type }),
    ...(service_name === undefined ? {} : { serviceName: service_name }),
    ...(region_name === undefined ? {} : { region: region_name }),
    ...(words === undefined ? {} : { interface: words }),
    ...(endpoint === undefined ? {} : { override: endpoint }),
  };
}

async function tlsOf({ cacert, insecure }: Settings, files: Files): Promise<Tls> {
  const unchecked = /^(1|true|yes|on)$/i.test(insecure ?? '');
  if (cacert === undefined) return { insecure: unchecked };
  const ca = await files.read(cacert);
  if (ca === undefined || !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new InvalidInputError(
      `OS_CACERT (or cacert) names ${ca === undefined ? 'a file that cannot be read' : 'a file without a PEM certificate'}: ${cacert}`,
    );
  }
  return { insecure: unchecked, ca };
}
