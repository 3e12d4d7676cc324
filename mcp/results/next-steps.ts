import { catalogue } from '../../src/catalogue';
import type { JsonObject } from '../../src/model/json';
import { operationId } from '../../src/operation';
import type { Operation, Resource } from '../../src/operation';
import type { NextCall } from '../../src/vocabulary/next-call';
import { spell, spelled } from '../snake-case';

/** A call that makes sense after this one. */
export interface NextStep {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/**
 * Calls that follow from a result: waiting for a run that is not over, looking into one that failed. Derived from what
 * the catalogue says: what an operation names itself, else one that the result holds an id for each required reference of.
 *
 * @param input what the operation was called with: the same call again asks for the same
 * @param offered the operations that the assistant has tools for
 */
export function nextSteps(
  operation: Operation,
  input: JsonObject,
  result: JsonObject,
  offered: readonly Operation[],
): readonly NextStep[] {
  const stated = operation.kind === 'single' ? operation.next?.(result as never) : undefined;
  const calls = stated ?? derived(operation, input, result);
  return calls.flatMap((call) => offer(call, offered) ?? []);
}

/** The call as a step, by the operation that supersedes its own where that is offered; undefined without a tool for it. */
function offer({ operation: id, input }: NextCall, offered: readonly Operation[]): NextStep | undefined {
  const superseded = catalogue.find((one) => operationId(one) === id)?.supersededBy;
  const better = offered.find((one) => operationId(one) === superseded?.operation);
  const found = better ?? offered.find((one) => operationId(one) === id);
  const given = better === undefined || superseded === undefined ? input : superseded.input(input);
  return found && { tool: found.tool, arguments: spelled(given) };
}

function derived(operation: Operation, input: JsonObject, result: JsonObject): readonly NextCall[] {
  const resource = operation.returns ?? operation.resource;
  return followers(operation, result).flatMap((matches) => {
    const next = catalogue.find((one) => one.resource === resource && one.kind === 'single' && matches(one));
    const values = next && argumentsOf(next, resource, result);
    if (next === undefined || values === undefined) return [];
    const same = next === operation ? choicesOf(operation, input) : {};
    return [{ operation: operationId(next), input: { ...values, ...same } }];
  });
}

const choicesOf = (operation: Operation, input: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(operation.input)
      .filter(([name, { kind }]) => kind === 'choice' && input[name] !== undefined)
      .map(([name]) => [name, input[name]]),
  );

/** The call that reads what a result is one of; undefined where nothing does. */
export function readerOf(
  operation: Operation,
  result: JsonObject,
  offered: readonly Operation[],
): NextStep | undefined {
  const resource = operation.returns ?? operation.resource;
  const reader = offered.find((one) => one.resource === resource && one.name === 'get');
  const values = reader && argumentsOf(reader, resource, result);
  return reader && values && { tool: reader.tool, arguments: spelled(values) };
}

type Matcher = (operation: Operation) => boolean;

const waits: Matcher = ({ boundedBy }) => boundedBy !== undefined;
const diagnoses: Matcher = ({ name }) => name === 'diagnose';

function followers(
  operation: Operation,
  { outcome, cancel_requested: canceling }: JsonObject,
): readonly Matcher[] {
  if (outcome === 'failed') return diagnoses(operation) ? [] : [diagnoses];
  if (outcome === 'stalled') return [diagnoses];
  const isRun = 'outcome' in operation.output.shape;
  const resumeInput = outcome === undefined || outcome === null || outcome === 'timed_out';
  return canceling === true || (isRun && resumeInput) ? [waits] : [];
}

/**
 * Values for the required fields, and for a reference to the result itself also where leaving it out would mean the newest:
 * the id of the result for that, else the key of the same name.
 */
function argumentsOf(next: Operation, resource: Resource, result: JsonObject): JsonObject | undefined {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(next.input)) {
    const own = field.kind === 'reference' && field.resource === resource;
    if (!field.required && !own) continue;
    const value = result[own ? 'id' : spell(name)];
    if (typeof value !== 'string') return undefined;
    values[name] = value;
  }
  return values;
}
