import type { UserScriptRules } from '../releases';
import { OS_TYPES } from '../model';
import type { UserScripts } from '../model';
import type { JsonObject } from '../../json-object';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import { pythonContains } from '../../python/value-operations';
import { badRequest, internalError, invalidInput } from '../api-error';

const DEFAULT_PHASE = 'osmorphing_post_os_mount';
const PHASES = ['osmorphing_pre_os_mount', DEFAULT_PHASE, 'replica_first_boot'];
const KEYS = ['payload', 'phase'];

/**
 * Checks the user scripts of a request by the release's rules, and converts them to the form that the API shows.
 * Servers without phases check nothing and keep the scripts as sent; servers with phases make a list of each script
 * (docs/reference/coriolis-api.md §11.3, `validate_user_scripts` of the server).
 * @param instances instances that scripts may be for. Releases that drop scripts for unknown instances at the request
 * drop those for others
 * @throws ApiError 400
 * @throws PythonError TypeError when `instances` cannot be searched
 */
export function readUserScripts(rules: UserScriptRules, given: unknown, instances: unknown): UserScripts {
  if (given === undefined || (given === null && rules.nullMeansNone)) return {};
  if (!isObject(given)) throw invalidInput('"user_scripts" must be of JSON object format');
  const global = scriptsOf(given, 'global', 'the supported OS types and their respective scripts.');
  for (const osType of Object.keys(global)) {
    if (OS_TYPES.includes(osType)) continue;
    throw invalidInput(
      `The provided global user script os_type "${osType}" is invalid. Must be one of the following: ${pythonRepr(OS_TYPES)}`,
    );
  }
  const single = scriptsOf(
    given,
    'instances',
    'the instances in the Replica/Migration and their respective scripts.',
  );
  const read = {
    ...given,
    ...('global' in given && { global: rules.phases ? partsOfAll(global, rules, isLinux) : global }),
    ...('instances' in given && {
      instances: rules.phases ? partsOfAll(single, rules, () => true) : single,
    }),
  };
  return rules.unknownInstancesDropped === 'request' ? withoutUnknownInstances(read, instances) : read;
}

/**
 * Merges the user scripts of an update into the stored ones. A removed script stays visible: as an empty list on
 * servers with phases, as `null` on others.
 */
export function mergeUserScripts(current: UserScripts, changes: UserScripts): UserScripts {
  return {
    global: { ...current.global, ...changes.global },
    instances: { ...current.instances, ...changes.instances },
  };
}

/**
 * Scripts that a deployment stores: without those for unknown instances, and on some releases with the line ends of
 * Unix.
 * @throws ApiError 500 when such a release meets a script that is no text
 */
export function toDeployedScripts(
  rules: UserScriptRules,
  scripts: UserScripts,
  instances: readonly unknown[],
): UserScripts {
  if (rules.unknownInstancesDropped !== 'deployment') return scripts;
  const known = withoutUnknownInstances(scripts, instances);
  if (rules.phases) return known;
  const { global, instances: single } = known;
  return {
    ...known,
    ...(global && {
      global: { ...global, ...(global['linux'] ? { linux: unixText(global['linux']) } : {}) },
    }),
    ...(single && {
      instances: Object.fromEntries(Object.entries(single).map(([name, script]) => [name, unixText(script)])),
    }),
  };
}

function scriptsOf(given: JsonObject, key: 'global' | 'instances', what: string): JsonObject {
  const scripts = given[key] === undefined ? {} : given[key];
  if (isObject(scripts)) return scripts;
  throw invalidInput(`"${key}" must be a mapping between the identifiers of ${what}`);
}

const isLinux = (osType: string): boolean => osType === 'linux';

/** Scripts without those of instances that are not named. @throws PythonError TypeError when `instances` cannot be searched */
function withoutUnknownInstances(scripts: UserScripts, instances: unknown): UserScripts {
  if (scripts.instances === undefined) return scripts;
  const known = Object.entries(scripts.instances).filter(([name]) => pythonContains(instances, name));
  return { ...scripts, instances: Object.fromEntries(known) };
}

function partsOfAll(
  scripts: JsonObject,
  rules: UserScriptRules,
  hasUnixLines: (name: string) => boolean,
): JsonObject {
  return Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => {
      const parts = partsOf(script).map((part) => checkedPart(part, rules, hasUnixLines(name)));
      return [name, parts];
    }),
  );
}

function partsOf(script: unknown): readonly unknown[] {
  if (script === null) return [];
  if (typeof script === 'string') return [{ phase: DEFAULT_PHASE, payload: script }];
  if (Array.isArray(script)) return script;
  throw invalidInput(
    'Invalid user script format. Expecting a string or a list of dicts containing the payload and phase.',
  );
}

function checkedPart(part: unknown, { emptyRefused }: UserScriptRules, hasUnixLines: boolean): JsonObject {
  if (!isObject(part)) throw invalidInput('Invalid user script list item, expecting dict.');
  const unknownKey = Object.keys(part).find((key) => !KEYS.includes(key));
  if (unknownKey !== undefined) {
    throw invalidInput(`Invalid script item key: ${unknownKey}, allowed keys: ${pythonRepr(KEYS)}`);
  }
  const phase = part['phase'] || DEFAULT_PHASE;
  if (typeof phase !== 'string' || !PHASES.includes(phase)) {
    throw invalidInput(
      `Unknown user script phase: ${pythonStr(phase)}, supported phases: ${pythonRepr(PHASES)}.`,
    );
  }
  if (!('payload' in part)) throw invalidInput("Missing 'payload' field.");
  if (typeof part['payload'] !== 'string') throw invalidInput('Invalid payload type, expecting string.');
  const payload = hasUnixLines ? unixText(part['payload']) : part['payload'];
  if (emptyRefused && /^[\r\n ]*$/.test(payload)) {
    // Unlike its other errors about scripts, the server's text has no prefix here.
    throw badRequest("Empty script received. Use 'None' if the script should be removed.");
  }
  return { ...part, phase, payload };
}

function unixText(script: unknown): string {
  if (typeof script !== 'string') throw internalError();
  return script.replaceAll('\r\n', '\n').replaceAll('\n\r', '\n');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Instances in a request's body. The server has not checked them when it compares those of the scripts with them. */
export const instancesInBody = ({ instances = [] }: JsonObject): unknown => instances;
