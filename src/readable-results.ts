import { asError, isCoriolisError } from './api/errors';
import type { Coriolis } from './api/operation-context';
import { isObject, type JsonObject } from './model/json';
import { formatExecutionTypeAndNumber, displayNameOf } from './model/display-texts';
import type { LastCopyFacts } from './model/last-copy';
import {
  describeCopy,
  describeDeployments,
  describeRunState,
  type DescribedDeployments,
  type DescribedRun,
} from './model/state-descriptions';
import { statusLabelOf } from './model/status';
import type { Deployment, Execution, Transfer } from './model/api-objects';
import type { Operation, Resource, SingleOperation } from './operation';
import { fetchOptional } from './requests/object-requests';
import { key, pickShape, type Shape } from './vocabulary/result-keys';
import { fetchEndpointNames } from './facts/endpoint-names';

/** Keys added to results about a transfer, execution, deployment or migration, for people. */
const addedKeys = {
  name: key.text('Notes of the transfer, else its machines', { nullable: true, untrusted: true }),
  summary: key.text('The result in a sentence', { untrusted: true }),
  instances: key.texts('Machines', { nullable: true, untrusted: true }),
  origin_endpoint_name: key.text('Name of the source endpoint', { nullable: true, untrusted: true }),
  destination_endpoint_name: key.text('Name of the destination endpoint', {
    nullable: true,
    untrusted: true,
  }),
};

/**
 * Keys that a kind of object has under another name, or not at all, added under the names that the trigger's events
 * have. So what follows in a workflow reads the same keys, whether an item is an execution, a deployment, a transfer or
 * an event.
 */
const sameKeys = {
  kind: key.text('Type of the object: execution, deployment, transfer or migration'),
  transfer_id: key.text('Transfer id'),
  execution_id: key.text('Execution id'),
  deployment_id: key.text('Deployment id'),
  type: key.text('Always deployment'),
  scenario: key.text('replica or live_migration', { nullable: true }),
  origin_endpoint_id: key.text('Source endpoint', { nullable: true }),
  destination_endpoint_id: key.text('Destination endpoint', { nullable: true }),
  started_at: key.time('Start of the run'),
};

/** Keys that people read first, in this order. */
const READ_FIRST: readonly string[] = [
  'name',
  'summary',
  'verdict',
  'valid',
  'status',
  'outcome',
  'phase',
  'instances',
  'origin_endpoint_name',
  'destination_endpoint_name',
  'percent',
  'eta_seconds',
  'created_at',
  'started_at',
  'finished_at',
  'duration_seconds',
  'last_copy_at',
  'last_copy_age',
  'last_copy_age_seconds',
  'no_copy_reason',
];

/** Kind of object that a result is about. */
type Subject = 'transfer' | 'execution' | 'deployment' | 'migration';

/** Keys that are added to results about each kind of object. */
const SAME_KEYS: { readonly [S in Subject]: ReadonlyArray<keyof typeof sameKeys> } = {
  transfer: ['kind', 'transfer_id'],
  execution: [
    'kind',
    'execution_id',
    'scenario',
    'origin_endpoint_id',
    'destination_endpoint_id',
    'started_at',
  ],
  deployment: [
    'kind',
    'deployment_id',
    'type',
    'scenario',
    'origin_endpoint_id',
    'destination_endpoint_id',
    'started_at',
  ],
  migration: ['kind', 'started_at'],
};

/** Subject of an operation's results; undefined for other kinds of objects and for results of deletions. */
function subjectOf({ result, resource, output: { shape } }: Operation): Subject | undefined {
  const of: Resource = result?.resource ?? resource;
  if (!('status' in shape)) return undefined;
  // Results of waits have a duration, but neither number nor type.
  if (of === 'execution' && 'duration_seconds' in shape) return 'execution';
  if (of === 'transfer' && 'scenario' in shape) return 'transfer';
  if (of === 'deployment' && 'instances' in shape) return 'deployment';
  return of === 'migration' && 'instances' in shape ? 'migration' : undefined;
}

/** Result keys of an operation as people get them, in reading order. */
export function readableShapeOf(operation: Operation): Shape {
  const { shape } = operation.output;
  const subject = subjectOf(operation);
  if (subject !== undefined)
    return inReadingOrder({ ...addedKeys, ...shape, ...pickShape(sameKeys, ...SAME_KEYS[subject]) });
  return inReadingOrder(hasHeadline(operation) ? { summary: addedKeys.summary, ...shape } : shape);
}

/**
 * Whether the operation's headline is used as `summary` of its results, because the results have no summary of their
 * own.
 */
const hasHeadline = (
  operation: Operation,
): operation is SingleOperation & { readonly result: { headline(result: JsonObject): string } } =>
  operation.kind === 'single' &&
  operation.result?.headline !== undefined &&
  !('summary' in operation.output.shape);

function inReadingOrder<Value>(row: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  const firstOnes = READ_FIRST.filter((name) => name in row).map(
    (name) => [name, row[name] as Value] as const,
  );
  return Object.fromEntries([
    ...firstOnes,
    ...Object.entries(row).filter(([name]) => !READ_FIRST.includes(name)),
  ]);
}

/**
 * Makes results readable for people: adds names beside ids and a sentence, and puts the most important keys first. Make
 * one instance for each run of a node, so that every transfer is read once. Costs one list of endpoints and, for
 * executions, one request for each transfer.
 */
export class ReadableResults {
  private readonly transfers = new Map<string, Promise<Transfer | undefined>>();

  constructor(private readonly coriolis: Coriolis) {}

  /**
   * Returns the documented keys of a result, completed and in reading order.
   *
   * @param raw object that the operation returned
   * @param shown its documented keys
   */
  async fetchReadableResult(operation: Operation, raw: unknown, shown: JsonObject): Promise<JsonObject> {
    const subject = subjectOf(operation);
    if (subject === undefined) {
      return inReadingOrder(
        hasHeadline(operation) ? { summary: operation.result.headline(shown), ...shown } : shown,
      );
    }
    const action = await this.actionOf(raw, shown);
    const ids = [action?.origin_endpoint_id, action?.destination_endpoint_id];
    const names = await fetchEndpointNames(
      this.coriolis,
      ids.filter((id) => typeof id === 'string'),
    );
    const nameOf = (id: unknown): string | null => names.get(String(id)) || null;
    const name = action === undefined ? null : displayNameOf({ notes: null, instances: [], ...action });
    return inReadingOrder({
      name,
      instances: action?.instances ?? null,
      ...shown,
      summary: sentenceOf(subject, { name, ...shown }),
      origin_endpoint_name: nameOf(ids[0]),
      destination_endpoint_name: nameOf(ids[1]),
      ...sameKeyValues(subject, action, shown),
    });
  }

  /**
   * The object with endpoints and machines that a result is about. For an execution, and for the result of a wait, it
   * is the transfer, which is read.
   */
  private async actionOf(
    raw: unknown,
    shown: JsonObject,
  ): Promise<Partial<Transfer & Deployment> | undefined> {
    if (isObject(raw) && 'origin_endpoint_id' in raw) return raw;
    if ('origin_endpoint_id' in shown || typeof shown['transfer_id'] !== 'string') return shown;
    const id = shown['transfer_id'];
    const known = this.transfers.get(id) ?? this.findTransfer(id);
    this.transfers.set(id, known);
    return await known;
  }

  /** Reads a transfer; undefined when it was deleted or cannot be read. The result is then shown without its name. */
  private async findTransfer(id: string): Promise<Transfer | undefined> {
    try {
      return await fetchOptional(this.coriolis, 'transfer', [id]);
    } catch (error) {
      if (isCoriolisError(error) && error.kind !== 'canceled') return undefined;
      throw asError(error);
    }
  }
}

/** Values of the keys in `SAME_KEYS`. */
function sameKeyValues(
  subject: Subject,
  action: Partial<Transfer & Deployment> | undefined,
  shown: JsonObject,
): JsonObject {
  const values: { readonly [Key in keyof typeof sameKeys]: unknown } = {
    kind: subject,
    transfer_id: shown['id'],
    execution_id: shown['id'],
    deployment_id: shown['id'],
    type: 'deployment',
    scenario: action?.transfer_scenario_type ?? action?.scenario ?? null,
    origin_endpoint_id: action?.origin_endpoint_id ?? null,
    destination_endpoint_id: action?.destination_endpoint_id ?? null,
    started_at: shown['started_at'] ?? shown['created_at'],
  };
  return Object.fromEntries(SAME_KEYS[subject].map((name) => [name, values[name]]));
}

function sentenceOf(subject: Subject, shown: JsonObject): string {
  const name = typeof shown['name'] === 'string' ? shown['name'] : 'a deleted transfer';
  const state = shown as unknown as DescribedRun;
  switch (subject) {
    case 'execution':
      return `${'number' in shown ? formatExecutionTypeAndNumber(shown as unknown as Execution) : 'Execution'} of ${name} ${describeRunState(state)}`;
    case 'deployment':
      return `Deployment of ${name} ${describeRunState(state)}`;
    case 'migration':
      return `Migration of ${name} ${describeRunState(state)}`;
    case 'transfer':
      return [
        `${name}: ${statusLabelOf(state.status).toLowerCase()}`,
        describeCopy(shown as Partial<LastCopyFacts>),
        describeDeployments(shown as DescribedDeployments, true),
      ]
        .filter((words) => words !== '')
        .join('; ');
  }
}
