import type { JsonObject, ScriptPart, UserScripts } from './model';
import { pythonRepr } from './python-text';
import { invalidInput } from './refusal';

export const OS_TYPES = ['bsd', 'linux', 'osx', 'solaris', 'windows'];
const DEFAULT_PHASE = 'osmorphing_post_os_mount';
const PHASES = ['osmorphing_pre_os_mount', DEFAULT_PHASE, 'replica_first_boot'];

/** Checks user scripts and brings them into the form in which the server shows them (coriolis-api.md §11.3). `null` values stay, they remove. */
export function readUserScripts(
  given: unknown,
): Record<'global' | 'instances', Record<string, ScriptPart[] | null>> {
  if (given === null || given === undefined) return { global: {}, instances: {} };
  if (!isObject(given)) throw refused('"user_scripts" must be of JSON object format');
  const global = scriptsOf(given['global'], 'global');
  for (const osType of Object.keys(global)) {
    if (OS_TYPES.includes(osType)) continue;
    throw refused(
      `The provided global user script os_type "${osType}" is invalid. Must be one of the following: ${pythonRepr(OS_TYPES)}`,
    );
  }
  return { global, instances: scriptsOf(given['instances'], 'instances') };
}

/** Merges changes into scripts: an array replaces, `null` removes. */
export function mergeUserScripts(
  current: UserScripts,
  changes: Record<'global' | 'instances', Record<string, ScriptPart[] | null>>,
): Required<UserScripts> {
  const merge = (
    before: Record<string, ScriptPart[]> | undefined,
    after: Record<string, ScriptPart[] | null>,
  ): Record<string, ScriptPart[]> => {
    const merged = Object.entries({ ...before, ...after });
    return Object.fromEntries(merged.flatMap(([key, parts]) => (parts ? [[key, parts]] : [])));
  };
  return {
    global: merge(current.global, changes.global),
    instances: merge(current.instances, changes.instances),
  };
}

function scriptsOf(given: unknown, key: 'global' | 'instances'): Record<string, ScriptPart[] | null> {
  if (given === undefined || given === null) return {};
  if (!isObject(given))
    throw refused(`"${key}" must be a mapping between the identifiers and the user scripts`);
  return Object.fromEntries(Object.entries(given).map(([name, script]) => [name, partsOf(script, name)]));
}

function partsOf(script: unknown, name: string): ScriptPart[] | null {
  if (script === null) return null;
  const parts: unknown[] = Array.isArray(script) ? script : [{ payload: script }];
  return parts.map((part) => {
    if (!isObject(part)) throw refused(`Unexpected user script format for "${name}"`);
    const { phase = DEFAULT_PHASE, payload, ...others } = part;
    const [unknownKey] = Object.keys(others);
    if (unknownKey !== undefined) throw refused(`Unexpected user script key "${unknownKey}" for "${name}"`);
    if (typeof phase !== 'string' || !PHASES.includes(phase)) {
      throw refused(
        `Invalid user script phase "${String(phase)}". Must be one of the following: ${pythonRepr(PHASES)}`,
      );
    }
    if (typeof payload !== 'string' || payload.trim() === '')
      throw refused(`Empty user script payload for "${name}"`);
    return { phase, payload: name === 'linux' ? payload.replaceAll('\r\n', '\n') : payload };
  });
}

function refused(reason: string): Error {
  return invalidInput(`Invalid input received: ${reason}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
