import { catalogue } from '../../src/catalogue';
import type { JsonObject } from '../../src/model/json';
import { operationId, timeoutInputOf } from '../../src/operation';
import type { Operation, Resource } from '../../src/operation';
import type { NextCall } from '../../src/vocabulary/next-call';
import { toSnakeCase } from '../snake-case';
import { toToolArguments } from '../tools/arguments-under-options';

/** Suggested next call. */
export interface NextStep {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/**
 * Suggests the next calls after a result: to wait for a run that has not finished, or to diagnose one that failed. An
 * operation can state them itself. Otherwise they are operations of the same resource whose required references are in
 * the result.
 *
 * @param input input of the call; a repeated call keeps its choices
 * @param offered operations that the client sees as tools
 * @param waitSeconds timeout that suggested waits get, so that they end before the host gives up
 */
export function suggestNextSteps(
  operation: Operation,
  input: JsonObject,
  result: JsonObject,
  offered: readonly Operation[],
  waitSeconds: number,
): readonly NextStep[] {
  const stated = operation.kind === 'single' ? operation.result?.next?.(result as never, input) : undefined;
  return toNextSteps(stated ?? deriveNextCalls(operation, input, result), offered, waitSeconds);
}

/** Converts operation calls to tool calls. Calls of tools that the client does not see are left out. */
export const toNextSteps = (
  calls: readonly NextCall[],
  offered: readonly Operation[],
  waitSeconds: number,
): readonly NextStep[] => calls.flatMap((call) => toToolCall(call, offered, waitSeconds) ?? []);

/**
 * Turns an operation call into a tool call. When the client sees a tool that supersedes the operation's own, it is a
 * call of that tool. Undefined when the client sees neither tool.
 */
function toToolCall(
  { operation: id, input }: NextCall,
  offered: readonly Operation[],
  waitSeconds: number,
): NextStep | undefined {
  const superseded = catalogue.find((one) => operationId(one) === id)?.related?.supersededBy;
  const better = offered.find((one) => operationId(one) === superseded?.operation);
  const found = better ?? offered.find((one) => operationId(one) === id);
  const given = better === undefined || superseded === undefined ? input : superseded.convertInput(input);
  const timeoutInput = found && timeoutInputOf(found);
  const bound = timeoutInput === undefined ? {} : { [timeoutInput]: waitSeconds };
  return found && { tool: found.tool, arguments: toToolArguments(found, { ...given, ...bound }) };
}

function deriveNextCalls(operation: Operation, input: JsonObject, result: JsonObject): readonly NextCall[] {
  const resource = operation.result?.resource ?? operation.resource;
  return followUpMatchers(operation, result).flatMap((matches) => {
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

/** Call of the tool that reads the object of a result; undefined without such a tool. */
export function suggestGetCall(
  operation: Operation,
  result: JsonObject,
  offered: readonly Operation[],
): NextStep | undefined {
  const resource = operation.result?.resource ?? operation.resource;
  const reader = offered.find((one) => one.resource === resource && one.name === 'get');
  const values = reader && argumentsOf(reader, resource, result);
  return reader && values && { tool: reader.tool, arguments: toToolArguments(reader, values) };
}

type Matcher = (operation: Operation) => boolean;

const waits: Matcher = (operation) => timeoutInputOf(operation) !== undefined;
const diagnoses: Matcher = ({ name }) => name === 'diagnose';
const cancels: Matcher = ({ name }) => name === 'cancel';

function followUpMatchers(
  operation: Operation,
  { outcome, cancel_requested: canceling, stalled_seconds: stalled }: JsonObject,
): readonly Matcher[] {
  if (outcome === 'failed') return diagnoses(operation) ? [] : [diagnoses];
  if (outcome === 'stalled' || typeof stalled === 'number') {
    return [...(diagnoses(operation) ? [] : [diagnoses]), waits, cancels];
  }
  const isRun = 'outcome' in operation.output.shape;
  const isUnfinished = outcome === undefined || outcome === null || outcome === 'timed_out';
  return canceling === true || (isRun && isUnfinished) ? [waits] : [];
}

/**
 * Takes the arguments of a next call from a result: the reference to the object of the result from `id`, other required
 * fields from the key of the same name. Undefined when the result lacks a value, or when there is nothing to fill.
 */
function argumentsOf(next: Operation, resource: Resource, result: JsonObject): JsonObject | undefined {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(next.input)) {
    const own = field.kind === 'reference' && field.resource === resource;
    if (!field.required && !own) continue;
    const value = result[own ? 'id' : toSnakeCase(name)];
    if (typeof value !== 'string') return undefined;
    values[name] = value;
  }
  // A suggested call must name an object: a wait for several runs without any of them would be useless.
  return Object.keys(values).length === 0 ? undefined : values;
}
