import { makeFlagGroup, readFlags, UsageError } from '../command-line/flags';
import type { FlagValues } from '../command-line/flags';
import { formatFlagsAsHelp } from '../command-line/format-flags';
import { readNumber } from '../command-line/read-flag-values';
import type { WorkflowValues } from './workflow-templates';

/** Options of a migration on a real Coriolis. A migration on the sandbox has fixed ones. */
export type MigrationOptions = Omit<WorkflowValues, 'notes'>;

export interface DemoOptions {
  readonly help: boolean;
  readonly version: boolean;
  /** Whether to print only one JSON document at the end. */
  readonly json: boolean;
  /** Factor by which the sandbox is faster than real time. */
  readonly speed: number;
  /** Whether a real Coriolis may be changed. */
  readonly write: boolean;
  /** Whether to start without asking. */
  readonly yes: boolean;
  /** Maximum seconds to wait for executions and deployments that already run on a real Coriolis. */
  readonly maxWaitSeconds: number;
  /** Undefined without `write`. */
  readonly migration: MigrationOptions | undefined;
}

const main = makeFlagGroup('Options', {
  json: { explanation: 'one JSON document at the end, nothing else on standard output' },
  speed: {
    argument: 'factor',
    explanation: 'how much faster than real time the embedded Coriolis is, 1 to 1000',
    default: '30',
  },
  version: { short: 'V', explanation: 'print the version' },
  help: { short: 'h', explanation: 'print this text' },
});

const real = makeFlagGroup('On a real Coriolis', {
  patience: { argument: 'seconds', explanation: 'how long to wait for what runs', default: '600' },
  write: {
    explanation: 'create, execute and deploy a transfer; needs --origin, --destination and --instance',
  },
  origin: { argument: 'name or id', explanation: 'endpoint the machines are on' },
  destination: { argument: 'name or id', explanation: 'endpoint they go to' },
  instance: { argument: 'name', repeatable: true, explanation: 'a machine to move' },
  'source-environment': { argument: 'JSON', explanation: 'options of the source platform' },
  'destination-environment': { argument: 'JSON', explanation: 'options of the destination platform' },
  'network-map': { argument: 'source=destination', repeatable: true, explanation: 'a pair of networks' },
  yes: { explanation: 'do not ask before starting' },
});

/** Flags of the demo in the order of its help. */
export const flagGroups = [main, real];

const flags = { ...main.flags, ...real.flags };

export const helpText = `Usage: npm run demo [-- options]

Moves virtual machines with Coriolis, from an n8n workflow, while you watch. Without
OS_AUTH_URL (or OS_CLOUD) in the environment everything happens on an embedded Coriolis
and nothing is real. With it, the demo talks to that Coriolis and only reads: it lists,
validates the endpoints, and waits for what runs.

${formatFlagsAsHelp(flagGroups)}
`;

/**
 * Reads the options of the command line.
 * @throws {UsageError} an unknown flag, a wrong value, or a missing one
 */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const given = readFlags(flags, args);
  return {
    help: given.help === true,
    version: given.version === true,
    json: given.json === true,
    speed: readNumber('speed', { minimum: 1, maximum: 1000 }, given.speed),
    write: given.write === true,
    yes: given.yes === true,
    maxWaitSeconds: readNumber('patience', { minimum: 1, maximum: 86_400, unit: 'seconds' }, given.patience),
    migration:
      given.write === true && given.help !== true && given.version !== true
        ? migrationFrom(given)
        : undefined,
  };
}

type DemoFlags = FlagValues<typeof flags>;

function migrationFrom(given: DemoFlags): MigrationOptions {
  const { origin, destination, instance: instances = [] } = given;
  const missing = [
    ...(origin === undefined ? ['--origin'] : []),
    ...(destination === undefined ? ['--destination'] : []),
    ...(instances.length === 0 ? ['--instance'] : []),
  ];
  if (origin === undefined || destination === undefined || missing.length > 0) {
    throw new UsageError(`--write also needs ${missing.join(', ')}: what to move, from where to where`);
  }
  return {
    origin,
    destination,
    instances,
    sourceEnvironment: jsonObject(given['source-environment'], 'source-environment'),
    destinationEnvironment: jsonObject(given['destination-environment'], 'destination-environment'),
    networkMap: (given['network-map'] ?? []).map(pair).join('\n'),
  };
}

function jsonObject(text: string | undefined, name: string): string {
  if (text === undefined) return '';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Reported below, because the parser's message would quote the value.
  }
  throw new UsageError(`--${name} must be a JSON object, for example '{"migr_network": "private"}'`);
}

function pair(text: string): string {
  if (/^[^=]+=.+$/s.test(text)) return text;
  throw new UsageError(`--network-map must be SOURCE=DESTINATION, got "${text}"`);
}
