import { InvalidInputError } from '../../src/api/errors';
import { isObject } from '../../src/model/json';
import { parseYaml } from './parse-yaml';
import type { EnvironmentVariables } from '../../src/api/login-settings';

/** Access to files, as `readCloudEntry` needs it. */
export interface FileAccess {
  /** Reads a file; undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
}

type Entries = Readonly<Record<string, unknown>>;

/**
 * Reads a cloud of `clouds.yaml`, merged with `secure.yaml`. Both are searched like OpenStack's tools do: at
 * `OS_CLIENT_CONFIG_FILE` and `OS_CLIENT_SECURE_FILE`, in the working directory, in `~/.config/openstack` and in
 * `/etc/openstack`; the first that exists counts. A cloud with a `profile` is laid over that of `clouds-public.yaml`.
 *
 * @throws {InvalidInputError} no such file, no such cloud, no such profile, or no YAML
 */
export async function readCloudEntry(
  name: string,
  environment: EnvironmentVariables,
  files: FileAccess,
): Promise<Entries> {
  const places = folders(environment);
  const clouds = await firstOf(environment['OS_CLIENT_CONFIG_FILE'], 'clouds', places, files);
  const secure = await firstOf(environment['OS_CLIENT_SECURE_FILE'], 'secure', places, files);
  if (clouds === undefined && secure === undefined) {
    throw new InvalidInputError(`The cloud "${name}" is wanted, but there is no clouds.yaml.`, {
      advice: `Looked in ${places.join(', ')}; OS_CLIENT_CONFIG_FILE may name another file.`,
    });
  }
  const all = overlay(cloudsOf(clouds), cloudsOf(secure));
  const whole = all[name];
  if (!isObject(whole)) {
    throw new InvalidInputError(`${(clouds ?? secure)?.path ?? ''} has no cloud "${name}".`, {
      advice: `It has ${Object.keys(all).join(', ') || 'none'}.`,
    });
  }
  // "cloud" is the old name of "profile".
  const profile = whole['profile'] ?? whole['cloud'];
  if (typeof profile !== 'string' || profile === '') return whole;
  const shared = await profileNamed(profile, environment, files);
  if (shared !== undefined) return overlay(shared, whole);
  if (isObject(whole['auth']) && 'auth_url' in whole['auth']) return whole;
  throw new InvalidInputError(
    `The cloud "${name}" builds on the profile "${profile}", and no clouds-public.yaml has it.`,
    { advice: 'Write what the profile says, its auth_url above all, into the cloud itself.' },
  );
}

/**
 * Reads a profile: settings that all clouds of a provider share. Only `clouds-public.yaml` is searched, not the
 * profiles that openstacksdk brings along.
 */
async function profileNamed(
  name: string,
  environment: EnvironmentVariables,
  files: FileAccess,
): Promise<Entries | undefined> {
  const found = await firstOf(
    environment['OS_CLIENT_VENDOR_FILE'],
    'clouds-public',
    folders(environment),
    files,
  );
  const profiles = isObject(found?.content) ? found.content['public-clouds'] : undefined;
  const profile = isObject(profiles) ? profiles[name] : undefined;
  return isObject(profile) ? profile : undefined;
}

interface Document {
  readonly path: string;
  readonly content: unknown;
}

const cloudsOf = (document: Document | undefined): Entries => {
  const content = document?.content;
  return isObject(content) && isObject(content['clouds']) ? content['clouds'] : {};
};

export const findHomeDirectory = (environment: EnvironmentVariables): string =>
  environment['HOME'] ?? environment['USERPROFILE'] ?? '~';

const folders = (environment: EnvironmentVariables): readonly string[] => [
  '.',
  `${environment['XDG_CONFIG_HOME'] || `${findHomeDirectory(environment)}/.config`}/openstack`,
  '/etc/openstack',
];

async function firstOf(
  named: string | undefined,
  base: string,
  places: readonly string[],
  files: FileAccess,
): Promise<Document | undefined> {
  const candidates =
    named === undefined || named === ''
      ? places.flatMap((place) => ['yaml', 'yml', 'json'].map((ending) => `${place}/${base}.${ending}`))
      : [named];
  for (const path of candidates) {
    const text = await files.read(path);
    if (text === undefined) continue;
    return { path, content: parseYaml(text, path) };
  }
  return undefined;
}

/** Merges entries deeply; `over` overrides `base`. */
const overlay = (base: Entries, over: Entries): Entries =>
  Object.entries(over).reduce<Entries>((merged, [key, value]) => {
    const below = merged[key];
    return { ...merged, [key]: isObject(below) && isObject(value) ? overlay(below, value) : value };
  }, base);
