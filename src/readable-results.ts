import { asError, isCoriolisError } from './api/errors';
import type { Coriolis } from './api/coriolis';
import { isObject, type JsonObject } from './model/json';
import { transferName } from './model/display-names';
import {
  describeCopy,
  describeRunState,
  type DescribedCopy,
  type DescribedRun,
} from './model/state-descriptions';
import { executionTypeLabel, statusLabel } from './model/status';
import type { Action, Transfer } from './model/types';
import type { Operation, Resource, SingleOperation } from './operation';
import { fetchOptional } from './requests/objects';
import { key, type Shape } from './vocabulary/result-keys';
import { fetchEndpointNames } from './lookup/endpoint-names';

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
  'last_copy_age_seconds',
  'no_copy_reason',
];

/** Kind of object that a result is about. */
type Subject = 'transfer' | 'execution' | 'deployment' | 'migration';

/** Subject of an operation's results; undefined for other kinds of objects and for results of deletions. */
function subjectOf({ result, resource, output: { shape } }: Operation): Subject | undefined {
  const of: Resource = result?.resource ?? resource;
  if (!('status' in shape)) return undefined;
  if (of === 'execution' && 'number' in shape && 'type' in shape) return 'execution';
  if (of === 'transfer' && 'scenario' in shape) return 'transfer';
  if (of === 'deployment' && 'instances' in shape) return 'deployment';
  return of === 'migration' && 'instances' in shape ? 'migration' : undefined;
}

/** Result keys of an operation as people get them, in reading order. */
export function readableShape(operation: Operation): Shape {
  const { shape } = operation.output;
  if (subjectOf(operation) !== undefined) return inReadingOrder({ ...addedKeys, ...shape });
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
  async of(operation: Operation, raw: unknown, shown: JsonObject): Promise<JsonObject> {
    const subject = subjectOf(operation);
    if (subject === undefined) {
      return inReadingOrder(
        hasHeadline(operation) ? { summary: operation.result.headline(shown), ...shown } : shown,
      );
    }
    const action = await this.actionOf(subject, raw, shown);
    const ids = [action?.origin_endpoint_id, action?.destination_endpoint_id];
    const names = await fetchEndpointNames(
      this.coriolis,
      ids.filter((id) => typeof id === 'string'),
    );
    const nameOf = (id: unknown): string | null => names.get(String(id)) || null;
    const name = action === undefined ? null : transferName({ notes: null, instances: [], ...action });
    return inReadingOrder({
      name,
      instances: action?.instances ?? null,
      ...shown,
      summary: sentenceOf(subject, { name, ...shown }),
      origin_endpoint_name: nameOf(ids[0]),
      destination_endpoint_name: nameOf(ids[1]),
    });
  }

  /**
   * The object with endpoints and machines that a result is about. For an execution it is the transfer, which is read.
   */
  private async actionOf(
    subject: Subject,
    raw: unknown,
    shown: JsonObject,
  ): Promise<Partial<Action> | undefined> {
    if (subject !== 'execution') return isObject(raw) && 'origin_endpoint_id' in raw ? raw : shown;
    const id = String(shown['transfer_id']);
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

function sentenceOf(subject: Subject, shown: JsonObject): string {
  const name = typeof shown['name'] === 'string' ? shown['name'] : 'a deleted transfer';
  const state = shown as unknown as DescribedRun;
  switch (subject) {
    case 'execution':
      return `${executionTypeLabel(String(shown['type']))} #${String(shown['number'])} of ${name} ${describeRunState(state)}`;
    case 'deployment':
      return `Deployment of ${name} ${describeRunState(state)}`;
    case 'migration':
      return `Migration of ${name} ${describeRunState(state)}`;
    case 'transfer':
      return [`${name}: ${statusLabel(state.status).toLowerCase()}`, describeCopy(shown as DescribedCopy)]
        .filter((words) => words !== '')
        .join('; ');
  }
}
