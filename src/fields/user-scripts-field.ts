import { InvalidInputError } from '../api/errors';
import { choice, json, text } from '../vocabulary/field-constructors';
import type { JsonObject } from '../model/json';
import { cellTextOf, invalidRowError } from '../vocabulary/row-forms';

/**
 * User scripts, which run in the guest during OS morphing (docs/reference/coriolis-api.md §11.3): their input field,
 * their request body, and their comparison.
 */

/**
 * Operating systems for which scripts can be given. The Coriolis command line offers more, which the server refuses.
 */
const systems = [
  { value: 'bsd', title: 'BSD' },
  { value: 'linux', title: 'Linux' },
  { value: 'osx', title: 'macOS' },
  { value: 'solaris', title: 'Solaris' },
  { value: 'windows', title: 'Windows' },
] as const;

/** Default phase in which a script runs. */
const defaultPhase = 'osmorphing_post_os_mount';

const phases = [
  { value: defaultPhase, title: 'After the system disk is mounted', description: 'The usual time' },
  {
    value: 'osmorphing_pre_os_mount',
    title: 'Before the system disk is mounted',
    description: 'The disks are attached to the machine that adapts the guest, but no file system is mounted',
    since: 'script_phases',
  },
  {
    value: 'replica_first_boot',
    title: 'At the first boot',
    description: 'In the new machine',
    since: 'script_phases',
  },
] as const;

/** Makes the input field for user scripts. `within` names the inputs that give the machines. */
export const makeUserScriptsField = (within: readonly string[]) =>
  json(
    'User Scripts',
    'Scripts to run in the guest during OS morphing: {"global": {"linux": "…"}, "instances": {"vm-1": "…"}}.',
    {
      optional: true,
      advanced: true,
      placeholder: '{"global": {"linux": "#!/bin/bash\\n…"}}',
      rows: {
        title: 'Script',
        columns: {
          instance: text(
            'Instance',
            'Machine that the script is for; all machines with the operating system when left out.',
            {
              optional: true,
              offer: { side: 'movedInstance', within },
            },
          ),
          system: choice(
            'Operating System',
            'Operating system that the script is for, when no instance is chosen.',
            systems,
            {
              default: 'linux',
            },
          ),
          phase: choice('Phase', 'When the script runs.', phases, { default: defaultPhase }),
          script: text('Script', 'Text of the script.', {
            optional: true,
            multiline: true,
            placeholder: '#!/bin/bash',
          }),
        },
        objectFromRows: scriptsOf,
      },
    },
  );

/**
 * Converts the rows of the form to user scripts. A single script in the default phase becomes a plain text, because
 * servers before 1.2.3 accept nothing else.
 */
function scriptsOf(rows: readonly JsonObject[], name: string): JsonObject {
  type Scripts = Record<string, { phase: string; payload: string }[]>;
  // An object without a prototype, because a machine may have the name of an inherited property, such as `constructor`.
  const none = (): Scripts => Object.create(null) as Scripts;
  const scopes = { global: none(), instances: none() };
  for (const row of rows) {
    const instance = cellTextOf(row, 'instance');
    if (cellTextOf(row, 'script') === '') {
      if (instance === '') continue;
      throw invalidRowError(name, `has a row without a script: "${instance}"`);
    }
    const [scope, target] =
      instance === '' ? [scopes.global, cellTextOf(row, 'system') || 'linux'] : [scopes.instances, instance];
    (scope[target] ??= []).push({
      phase: cellTextOf(row, 'phase') || defaultPhase,
      payload: String(row['script']),
    });
  }
  const written = Object.entries(scopes).filter(([, scripts]) => Object.keys(scripts).length > 0);
  return Object.fromEntries(
    written.map(([scope, scripts]) => [
      scope,
      Object.fromEntries(
        Object.entries(scripts).map(([target, parts]) => {
          const [first] = parts;
          return [target, parts.length === 1 && first?.phase === defaultPhase ? first.payload : parts];
        }),
      ),
    ]),
  );
}

/**
 * Makes user scripts for a request body. Checks what the server would refuse without a clear reason, or fail on later.
 */
export function makeUserScripts(given: JsonObject | undefined): JsonObject | undefined {
  if (given === undefined) return undefined;
  const wrong = (text: string) =>
    new InvalidInputError(`User scripts ${text}.`, {
      field: 'userScripts',
      advice: 'Give {"global": {"linux": "script text"}, "instances": {"instance": "script text"}}.',
    });
  for (const [scope, scripts] of Object.entries(given)) {
    if (scope !== 'global' && scope !== 'instances') throw wrong(`have an unknown key "${scope}"`);
    if (typeof scripts !== 'object' || scripts === null || Array.isArray(scripts))
      throw wrong(`need an object under "${scope}"`);
    for (const [name, script] of Object.entries(scripts)) {
      if (scope === 'global' && !systems.some(({ value }) => value === name)) {
        throw wrong(
          `know no operating system "${name}"; accepted: ${systems.map(({ value }) => value).join(', ')}`,
        );
      }
      const blank = typeof script === 'string' && script.trim() === '';
      if (blank || !(script === null || typeof script === 'string' || Array.isArray(script))) {
        throw wrong(`need a text under "${scope}.${name}"`);
      }
    }
  }
  return given;
}

/**
 * Normalises user scripts for a comparison. Servers from 1.2.3 return each script as a list of parts. Line ends of
 * Windows and Unix count as equal. Scripts for machines that are not moved are left out, because the server drops them
 * (docs/reference/coriolis-api.md §11.3).
 */
export function toComparableScripts(
  scripts: JsonObject | null | undefined,
  instances: readonly string[],
): JsonObject {
  const scope = (name: string, counts: (target: string) => boolean): JsonObject =>
    Object.fromEntries(
      Object.entries((scripts?.[name] ?? {}) as JsonObject)
        .map(([target, script]) => [target, partsOf(script)] as const)
        .filter(([target, parts]) => counts(target) && parts.length > 0),
    );
  return {
    global: scope('global', () => true),
    instances: scope('instances', (target) => instances.includes(target)),
  };
}

function partsOf(script: unknown): readonly JsonObject[] {
  if (script === null || script === undefined) return [];
  const parts = Array.isArray(script) ? (script as readonly JsonObject[]) : [{ payload: script }];
  return parts.map((part) => ({
    phase: part['phase'] || defaultPhase,
    payload: String(part['payload']).replaceAll('\r\n', '\n'),
  }));
}
