import { asError, InvalidInputError } from './errors';
import { normalizeHttpUrl } from './http-url';
import type {
  ApplianceCredentials,
  Login,
  DomainReference,
  KeystoneCredentials,
  ProjectReference,
  UserReference,
} from './login-request';
import type { CatalogueSelection } from './service-catalogue';
import {
  loginSettingVariables,
  trimLoginSettings,
  type LoginSettingName,
  type LoginSettings,
} from './login-settings';

/** Login of a user, and the choice of Coriolis' endpoint in the catalogue. */
export interface LoginWithSelection {
  readonly identity: KeystoneCredentials | ApplianceCredentials;
  readonly selection: CatalogueSelection;
}

/** Names of settings as the user knows them, for errors. */
export interface LoginSettingLabels {
  readonly nameOf: (setting: LoginSettingName) => string;
  /** Advice when settings are missing, one sentence. */
  readonly advice: string;
}

/**
 * Makes a login from settings.
 * @throws {InvalidInputError} settings are missing, and the error names all; or one is wrong, and the error names it.
 *   No value is quoted
 */
export function loginFromSettings(given: LoginSettings, words: LoginSettingLabels): LoginWithSelection {
  const settings = trimLoginSettings(given, words.nameOf);
  for (const name of ['auth_url', 'appliance'] as const) requireUrl(name, settings, words);
  return { identity: identityOf(settings, words), selection: selectionOf(settings) };
}

/**
 * Checks a setting that must be a URL.
 * @throws {InvalidInputError} the setting is no URL. The error names the setting, and does not quote its value, which
 *   may contain a password
 */
function requireUrl(
  name: 'auth_url' | 'appliance',
  settings: LoginSettings,
  { nameOf }: LoginSettingLabels,
): void {
  const url = settings[name];
  if (url === undefined) return;
  const refusal = refusalOf(() => normalizeHttpUrl(url, name));
  if (refusal === undefined) return;
  if (!(refusal instanceof InvalidInputError)) throw refusal;
  throw new InvalidInputError(`${nameOf(name)}: ${refusal.message}`, { field: name, advice: refusal.advice });
}

/** The error that a check throws; undefined when it throws none. */
function refusalOf(check: () => unknown): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

/**
 * Text that identifies the server and project of a login, without secrets. It is the same for all users of a project,
 * except for application credentials, which stand for their project.
 */
export function serverAndProjectKeyOf({ identity, selection }: LoginWithSelection): string {
  const whose = identity.method === 'application_credential' ? identity.credential : identity.project;
  const where = 'authUrl' in identity ? identity.authUrl : identity.appliance;
  return JSON.stringify([where, whose, selection]);
}

function identityOf(
  settings: LoginSettings,
  words: LoginSettingLabels,
): KeystoneCredentials | ApplianceCredentials {
  const missing = new MissingSettings(settings, words);
  const address = addressIn(settings, missing, words);
  const caller = ((): Login => {
    switch (methodOf(settings, words)) {
      case 'application_credential':
        return {
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
          method: 'token',
          token: missing.need('token'),
          project: projectOf(settings, missing),
        };
      case 'password':
        return {
          method: 'password',
          user: userOf(settings, missing),
          password: missing.need('password'),
          project: projectOf(settings, missing),
        };
    }
  })();
  missing.refuse();
  return { ...address, ...caller };
}

function addressIn(
  { auth_url: authUrl, appliance }: LoginSettings,
  missing: MissingSettings,
  { nameOf }: LoginSettingLabels,
): { readonly appliance: string } | { readonly authUrl: string } {
  if (appliance === undefined) return { authUrl: missing.need('auth_url', 'appliance') };
  if (authUrl === undefined) return { appliance };
  throw new InvalidInputError(
    `${nameOf('auth_url')} and ${nameOf('appliance')} are both given, and each says where Keystone is.`,
    { field: 'appliance', advice: 'Give one of them.' },
  );
}

/** Collects the names of missing settings, so that one error names all. */
class MissingSettings {
  private readonly names: string[] = [];

  constructor(
    private readonly settings: LoginSettings,
    private readonly words: LoginSettingLabels,
  ) {}

  /**
   * Returns a setting. When it is missing, records its name, with `or` as the alternative to give, and returns an empty
   * text.
   */
  need(name: LoginSettingName, or?: LoginSettingName): string {
    const value = this.settings[name];
    if (value === undefined) {
      const { nameOf } = this.words;
      this.names.push(or === undefined ? nameOf(name) : `${nameOf(name)} (or ${nameOf(or)})`);
    }
    return value ?? '';
  }

  refuse(): void {
    if (this.names.length === 0) return;
    throw new InvalidInputError(
      `The login to Coriolis is not set up: ${this.names.join(', ')} ${this.names.length === 1 ? 'is' : 'are'} missing.`,
      { advice: this.words.advice },
    );
  }
}

/** Login method: the one that `auth_type` names, else the one that the given settings allow. */
function methodOf(settings: LoginSettings, { nameOf }: LoginSettingLabels): KeystoneCredentials['method'] {
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
      throw new InvalidInputError(`${nameOf('auth_type')} is not supported.`, {
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

/**
 * Domain of a user or project, found in the same order as by openstacksdk: its own domain, the domain given for both,
 * the default domain, and last the domain with the id `default`. In each case an id counts before a name, even the
 * default id before the own name.
 */
function domainOf(
  ownId: string | undefined,
  ownName: string | undefined,
  settings: LoginSettings,
): DomainReference {
  const id = ownId ?? settings.domain_id ?? settings.default_domain_id;
  const name = ownName ?? settings.domain_name ?? settings.default_domain_name;
  if (id !== undefined) return { id };
  return name === undefined ? { id: settings.default_domain ?? 'default' } : { name };
}

const userOf = (settings: LoginSettings, missing: MissingSettings): UserReference =>
  referenceOf('user', 'username', settings, missing);

const projectOf = (settings: LoginSettings, missing: MissingSettings): ProjectReference =>
  referenceOf('project', 'project_name', settings, missing);

/** Reference to the user or project of the settings: by its id, or by its name and domain. */
function referenceOf(
  kind: 'user' | 'project',
  nameSetting: 'username' | 'project_name',
  settings: LoginSettings,
  missing: MissingSettings,
): UserReference & ProjectReference {
  const { [`${kind}_id` as const]: id } = settings;
  if (id !== undefined) return { id };
  return {
    name: missing.need(nameSetting, `${kind}_id`),
    domain: domainOf(settings[`${kind}_domain_id`], settings[`${kind}_domain_name`], settings),
  };
}

function selectionOf(settings: LoginSettings): CatalogueSelection {
  const { service_type, service_name, region_name, endpoint } = settings;
  const words = settings.interface?.toLowerCase().replace(/url$/, '');
  if (words !== undefined && words !== 'public' && words !== 'internal' && words !== 'admin') {
    throw new InvalidInputError(
      `The interface (${loginSettingVariables.interface.join(', ')}) must be public, internal or admin.`,
    );
  }
  return {
    serviceType: service_type,
    serviceName: service_name,
    region: region_name,
    interface: words,
    override: endpoint,
  };
}
