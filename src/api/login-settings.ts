import { isObject, withoutUndefined } from '../model/json';
import { InvalidInputError } from './errors';

/** Environment variables, like `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/**
 * Settings of a login by their names in `clouds.yaml`, each with its environment variables. The first variable that is
 * set counts.
 */
export const loginSettingVariables = {
  auth_type: ['OS_AUTH_TYPE', 'OS_AUTH_PLUGIN'],
  auth_url: ['OS_AUTH_URL'],
  appliance: ['CORIOLIS_APPLIANCE'],
  username: ['OS_USERNAME', 'OS_USER_NAME'],
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
  default_domain_id: ['OS_DEFAULT_DOMAIN_ID'],
  default_domain_name: ['OS_DEFAULT_DOMAIN_NAME'],
  default_domain: ['OS_DEFAULT_DOMAIN'],
  application_credential_id: ['OS_APPLICATION_CREDENTIAL_ID'],
  application_credential_name: ['OS_APPLICATION_CREDENTIAL_NAME'],
  application_credential_secret: ['OS_APPLICATION_CREDENTIAL_SECRET'],
  token: ['OS_TOKEN', 'OS_AUTH_TOKEN'],
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

export type LoginSettingName = keyof typeof loginSettingVariables;
export type LoginSettings = { readonly [Name in LoginSettingName]?: string };

/**
 * Groups of settings that belong together. When one source gives a setting of a group, no setting of that group is
 * taken from a source of lower priority.
 */
const groups: ReadonlyArray<readonly LoginSettingName[]> = [
  ['auth_url', 'appliance'],
  ['username', 'user_id', 'user_domain_id', 'user_domain_name'],
  ['project_id', 'project_name', 'project_domain_id', 'project_domain_name'],
  ['application_credential_id', 'application_credential_name'],
];

/** Reads settings from environment variables. An empty variable counts as not set. */
export function loginSettingsFromVariables(environment: EnvironmentVariables): LoginSettings {
  return Object.fromEntries(
    Object.entries(loginSettingVariables).flatMap(([name, variables]) => {
      const value = variables
        .map((variable) => environment[variable])
        .find((text) => text !== undefined && text !== '');
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Settings that `clouds.yaml` may spell in several ways (openstacksdk). When a cloud gives several of them, the last one
 * in this list counts.
 */
const cloudNames: { readonly [Name in LoginSettingName]?: readonly string[] } = {
  auth_type: ['auth_plugin', 'auth_type'],
  username: ['user_name', 'username'],
  project_id: ['tenant_id', 'project_id'],
  project_name: ['tenant_name', 'project_name'],
  token: ['auth_token', 'token'],
  region_name: ['region_name', 'migration_region_name'],
  interface: ['endpoint_type', 'interface', 'migration_endpoint_type', 'migration_interface'],
  endpoint: ['endpoint', 'migration_endpoint_override'],
  service_type: ['service_type', 'migration_service_type'],
  service_name: ['service_name', 'migration_service_name'],
};

/**
 * Settings for which a value beside the section `auth` overrides the one inside. For all others the one inside counts
 * (openstacksdk).
 */
const overridesAuth: readonly LoginSettingName[] = [
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
 * Whether a value of `clouds.yaml` is one of `words`. YAML 1.1, which openstacksdk reads, spells each boolean in several
 * ways.
 */
const matchesSpelling = (value: unknown, words: RegExp): boolean =>
  (typeof value === 'string' || typeof value === 'boolean') && words.test(String(value).trim());
const YES = /^(true|yes|on|1)$/i;
const NO = /^(false|no|off|0)$/i;

type Entries = Readonly<Record<string, unknown>>;

/**
 * Region of a cloud by name, or its first region when no name is given, with the settings that hold for that region
 * only.
 */
function regionOf(
  regions: unknown,
  wanted: string | undefined,
): { readonly name: string; readonly values: Entries } | undefined {
  if (!Array.isArray(regions)) return undefined;
  const all = regions.map((region: unknown) => ({
    name: isObject(region) ? region['name'] : region,
    values: isObject(region) && isObject(region['values']) ? region['values'] : {},
  }));
  const found = wanted === undefined ? all[0] : all.find(({ name }) => name === wanted);
  return typeof found?.name === 'string' && found.name !== '' ? { ...found, name: found.name } : undefined;
}

/** The texts and numbers of a section, as texts, with underscores instead of hyphens in the keys. */
const textsOf = (section: Entries): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(section).flatMap(([key, value]) =>
      (typeof value === 'string' && value !== '') || typeof value === 'number'
        ? [[key.replaceAll('-', '_'), String(value)]]
        : [],
    ),
  );

const objectIn = (section: Entries, key: string): Entries => (isObject(section[key]) ? section[key] : {});

/**
 * Reads settings from a cloud of `clouds.yaml`, in its `auth` section or beside it.
 * @param wantedRegion region that another source chose. Without it: `region_name` of the cloud, or the first of its
 *   regions
 */
export function loginSettingsFromCloud(cloud: Entries, wantedRegion?: string): LoginSettings {
  const regionName = wantedRegion ?? textsOf(cloud)['region_name'];
  const region = regionOf(cloud['regions'], regionName);
  const values = region?.values ?? {};
  const whole: Entries = { ...cloud, ...(region && { region_name: region.name }), ...values };
  const beside = textsOf(whole);
  const auth = textsOf({ ...objectIn(cloud, 'auth'), ...objectIn(values, 'auth') });
  const settings: { [Name in LoginSettingName]?: string } = {};
  for (const name of Object.keys(loginSettingVariables).filter(isSetting)) {
    const names = cloudNames[name] ?? [name];
    const given = overridesAuth.includes(name)
      ? names.flatMap((key) => [auth[key], beside[key]])
      : [...names.map((key) => beside[key]), ...names.map((key) => auth[key])];
    const value = given.findLast((text) => text !== undefined);
    if (value !== undefined) settings[name] = value;
  }
  // The auth URLs of some providers contain the region: https://iam.{region_name}.example.com.
  const address = settings.auth_url?.replace(/\{(\w+)\}/gu, (place, key: string) => beside[key] ?? place);
  const unchecked = matchesSpelling(whole['insecure'], YES) || matchesSpelling(whole['verify'], NO);
  return {
    ...settings,
    ...withoutUndefined({ auth_url: address, insecure: unchecked ? 'true' : undefined }),
  };
}

const isSetting = (name: string): name is LoginSettingName => Object.hasOwn(loginSettingVariables, name);

/** Settings that are not trimmed, because blanks may belong to a password or secret. */
const untrimmedSettings: readonly LoginSettingName[] = ['password', 'application_credential_secret'];

/**
 * The same settings without blanks, line ends and byte order marks around them.
 * @param nameOf returns the name of a setting as its source spells it, for the error
 * @throws {InvalidInputError} a setting contains an invisible character; the error names the setting and the position
 */
export function trimLoginSettings(
  settings: LoginSettings,
  nameOf: (setting: LoginSettingName) => string,
): LoginSettings {
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

/** Merges settings. A setting in `over` overrides the one in `base`, together with its whole group. */
export function mergeLoginSettings(base: LoginSettings, over: LoginSettings): LoginSettings {
  const replaced = groups.filter((group) => group.some((name) => over[name] !== undefined)).flat();
  const kept = Object.entries(base).filter(([name]) => !replaced.includes(name as LoginSettingName));
  return { ...Object.fromEntries(kept), ...over };
}
