import { parseArgs } from 'node:util';

/** Options of a migration on a real Coriolis. On the sandbox they are fixed. */
export interface MigrationOptions {
  readonly origin: string;
  readonly destination: string;
  readonly instances: readonly string[];
  /** JSON text. */
  readonly sourceEnvironment: string;
  /** JSON text. */
  readonly destinationEnvironment: string;
  /** One `source=destination` a line. */
  readonly networkMap: string;
}

export interface DemoOptions {
  readonly help: boolean;
  /** Whether to print only one JSON document at the end. */
  readonly json: boolean;
  /** Speed of the sandbox, relative to real time. */
  readonly speed: number;
  /** Whether a real Coriolis may be changed. */
  readonly write: boolean;
  /** Whether to start without asking. */
  readonly yes: boolean;
  /** Timeout in seconds for work that already runs on a real Coriolis. */
  readonly patience: number;
  /** With `write`. */
  readonly migration: MigrationOptions | undefined;
}

/** Error in the command line, with a message for the user. */
export class UsageError extends Error {}

export const usage = `npm run demo [-- options]

Moves virtual machines with Coriolis, from an n8n workflow, while you watch. Without OS_AUTH_URL (or OS_CLOUD) in the environment
everything happens on an embedded Coriolis and nothing is real. With it, the demo talks to that Coriolis and only reads:
it lists, validates the endpoints, and waits for what runs.

  --json                    one JSON document at the end, nothing else on standard output
  --speed N                 how much faster than life the embedded Coriolis is, 1 to 1000 (30)
  --help                    this text

On a real Coriolis:
  --patience SECONDS        how long to wait for what runs (600)
  --write                   create, execute and deploy a transfer; needs the following
  --origin NAME|ID          endpoint the machines are on
  --destination NAME|ID     endpoint they go to
  --instance NAME           a machine to move; repeat it for several
  --source-environment JSON       options of the source platform
  --destination-environment JSON  options of the destination platform
  --network-map SOURCE=DESTINATION  repeat it for several networks
  --yes                     do not ask before starting
`;

const DEFAULT_SPEED = 30;
const DEFAULT_PATIENCE = 600;

/** @throws {UsageError} */
export function readOptions(args: readonly string[]): DemoOptions {
  const given = parse(args);
  return {
    help: given.help ?? false,
    json: given.json ?? false,
    speed: numberFrom(given.speed, 'speed', 1, 1000) ?? DEFAULT_SPEED,
    write: given.write ?? false,
    yes: given.yes ?? false,
    patience: numberFrom(given.patience, 'patience', 1, 86_400) ?? DEFAULT_PATIENCE,
    migration: given.write === true && given.help !== true ? migrationFrom(given) : undefined,
  };
}

type Given = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const texts = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { ...flag, short: 'h' },
        json: flag,
        speed: text,
        patience: text,
        write: flag,
        yes: flag,
        origin: text,
        destination: text,
        instance: texts,
        'source-environment': text,
        'destination-environment': text,
        'network-map': texts,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberFrom(text: string | undefined, name: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new UsageError(`--${name} must be a number from ${least} to ${most}, got "${text}"`);
}

function migrationFrom(given: Given): MigrationOptions {
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
