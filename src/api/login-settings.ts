import { isObject } from '../model/json';
import { InvalidInputError } from './errors';

/** Environment variables, like `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Settings by their names in `clouds.yaml`, each with its environment variables; the first that is set counts. */
export const settingVariables = {
  auth_type: ['OS_AUTH_TYPE'],
  auth_url: ['OS_AUTH_URL'],
  appliance: ['CORIOLIS_APPLIANCE'],
  username: ['OS_USERNAME'],
  user_id: ['OS_USER_ID'],
  password: ['OS_PASSWORD'],
  user_domain_id: ['OS_USER_DOMAIN_ID'],
  user_domain_name: ['OS_USER_DOMAIN_NAME'],
  project_id: ['OS_PROJECT_ID', 'OS_TENANT_ID'],
  project_name: ['OS_PROJECT_NAME', 'OS_TENANT_NAME'],
  project_domain_id: ['OS_PROJECT_DOMAIN_ID'],
  project_domain_name: ['OS_PROJECT_DOMAIN_NAME'],
  domain_id: ['OS_DOMAIN_ID'],
  domain_name: ['OS_DOMAIN_NAME'],
  default_domain_id: ['OS_DEFAULT_DOMAIN_ID', 'OS_DEFAULT_DOMAIN'],
  default_domain_name: ['OS_DEFAULT_DOMAIN_NAME'],
  application_credential_id: ['OS_APPLICATION_CREDENTIAL_ID'],
  application_credential_name: ['OS_APPLICATION_CREDENTIAL_NAME'],
  application_credential_secret: ['OS_APPLICATION_CREDENTIAL_SECRET'],
  token: ['OS_AUTH_TOKEN', 'OS_TOKEN'],
  region_name: ['CORIOLIS_REGION_NAME', 'OS_REGION_NAME'],
  interface: ['CORIOLIS_INTERFACE', 'OS_INTERFACE', 'OS_ENDPOINT_TYPE'],
  service_type: ['CORIOLIS_SERVICE_TYPE'],
  service_name: ['CORIOLIS_SERVICE_NAME'],
  endpoint: ['CORIOLIS_ENDPOINT'],
  cacert: ['OS_CACERT'],
  insecure: ['OS_INSECURE'],
  cert: ['OS_CERT'],
  key: ['OS_KEY'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;

export type SettingName = keyof typeof settingVariables;
export type Settings = { readonly [Name in SettingName]?: string };

/** Groups of settings that belong together: giving one replaces the whole group. */
const groups: ReadonlyArray<readonly SettingName[]> = [
  ['auth_url', 'appliance'],
  ['username', 'user_id', 'user_domain_id', 'user_domain_name'],
  ['project_id', 'project_name', 'project_domain_id', 'project_domain_name'],
  ['application_credential_id', 'application_credential_name'],
];

/** Reads settings from environment variables. An empty variable counts as not set. */
export function settingsFromEnvironment(environment: EnvironmentVariables): Settings {
  return Object.fromEntries(
    Object.entries(settingVariables).flatMap(([name, variables]) => {
      const value = variables
        .map((variable) => environment[variable])
        .find((text) => text !== undefined && text !== '');
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Other names of settings in `clouds.yaml` (openstacksdk). */
const aliases: Readonly<Record<string, SettingName>> = {
  tenant_id: 'project_id',
  tenant_name: 'project_name',
  endpoint_type: 'interface',
  migration_endpoint_override: 'endpoint',
  migration_service_type: 'service_type',
  migration_service_name: 'service_name',
  migration_interface: 'interface',
  default_domain: 'default_domain_id',
  auth_plugin: 'auth_type',
  auth_token: 'token',
};

/** Settings for which a value outside `auth` overrides the one inside (openstacksdk). */
const overridesAuth: readonly SettingName[] = [
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'user_domain_id',
  'user_domain_name',
  'domain_id',
  'domain_name',
  'token',
];

/**
 * Whether a boolean setting has one of these spellings; YAML 1.1, which openstacksdk reads, has several for each value.
 */
const matchesSpelling = (value: unknown, words: RegExp): boolean =>
  (typeof value === 'string' || typeof value === 'boolean') && words.test(String(value).trim());
const YES = /^(true|yes|on|1)$/i;
const NO = /^(false|no|off|0)$/i;

/** First region of a cloud, used when none is chosen. */
function firstRegion(regions: unknown): string | undefined {
  const first: unknown = Array.isArray(regions) ? regions[0] : undefined;
  const name = isObject(first) ? first['name'] : first;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Reads settings from a cloud of `clouds.yaml`, in its `auth` section or beside it. */
export function settingsFromCloud(cloud: Readonly<Record<string, unknown>>): Settings {
  const auth = isObject(cloud['auth']) ? cloud['auth'] : {};
  const region = firstRegion(cloud['regions']);
  const settings: Record<string, string> = region === undefined ? {} : { region_name: region };
  for (const [section, entries] of [
    ['beside', cloud],
    ['auth', auth],
  ] as const) {
    for (const [key, value] of Object.entries(entries)) {
      const written = key.replaceAll('-', '_');
      const name = aliases[written] ?? written;
      if (!isSetting(name) || value === '') continue;
      if (section === 'auth' && name in settings && overridesAuth.includes(name)) continue;
      if (typeof value === 'string' || typeof value === 'number') settings[name] = String(value);
    }
  }
  const unchecked = matchesSpelling(cloud['insecure'], YES) || matchesSpelling(cloud['verify'], NO);
  return unchecked ? { ...settings, insecure: 'true' } : settings;
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(settingVariables, name);

/** Secret settings, not trimmed because blanks may belong to them. */
const untrimmedSettings: readonly SettingName[] = ['password', 'application_credential_secret'];

/**
 * The same settings without blanks, line ends and byte order marks around them.
 * @param nameOf the name of a setting in its source, for the error
 * @throws {InvalidInputError} a setting contains an invisible character; the error names the setting and the position
 */
export function trimSettings(settings: Settings, nameOf: (setting: SettingName) => string): Settings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      if (!isSetting(name) || untrimmedSettings.includes(name)) return [[name, value]];
      const text = value.trim();
      const invisible = /[\p{Cc}\p{Cf}]/u.exec(text);
      if (invisible !== null) {
        const code = (invisible[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
        throw new InvalidInputError(
          `${nameOf(name)} has an invisible character, U+${code}, after ${invisible.index} characters.`,
          { field: name, advice: 'Type the value anew instead of pasting it.' },
        );
      }
      return text === '' ? [] : [[name, text]];
    }),
  );
}

/** Merges settings; `over` overrides `base`. */
export function mergeSettings(base: Settings, over: Settings): Settings {
  const replaced = groups.filter((group) => group.some((name) => over[name] !== undefined)).flat();
  const kept = Object.entries(base).filter(([name]) => !replaced.includes(name as SettingName));
  return { ...Object.fromEntries(kept), ...over };
}
