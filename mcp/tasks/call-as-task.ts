import { withoutUndefined } from '../../src/model/json';
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { timeoutInputOf, worstEffectOf } from '../../src/operation';
import type { Operation } from '../../src/operation';
import { callToolWithOutcome } from '../calls/call-tool';
import type { ToolArguments } from '../calls/call-arguments';
import type { ToolCallContext } from '../calls/call-tool';
import { formatProtocolErrorMessage, makeErrorResult } from '../results/error-results';
import type { Log } from '../observability/log';
import { suggestGetCall } from '../results/next-steps';
import type { NextStep } from '../results/next-steps';
import { InvalidParamsError } from '../invalid-params-error';
import type { Seal } from '../confirmation/seal';
import { toSnakeCase } from '../snake-case';

/** Milliseconds for which a task id is valid; longer than migrations take. */
const TTL_MS = 30 * 86_400_000;
/** Milliseconds that clients are asked to wait between two polls. */
const POLL_INTERVAL_MS = 5000;

/** Context of tasks. */
export interface McpTaskContext extends ToolCallContext {
  readonly getTaskSeal: () => Promise<Seal>;
  readonly log: Log;
}

/**
 * Work in Coriolis as a task of MCP (SEP-2663). Nothing is stored: the task id is this object as text, with a seal that
 * binds it to the caller and the project. So any process with the same key can answer for the task.
 */
interface Task {
  readonly createdAt: number;
  /** End of the wait, as epoch milliseconds: the task is completed then, even when the work continues. */
  readonly endsAt?: number;
  /** Call that polls the work. */
  readonly wait: NextStep;
  /** Call whose answer becomes the result of the task. When undefined, the answer of `wait` does. */
  readonly read?: NextStep;
}

/** Answer of `tasks/get`. */
export type McpTaskAnswer = Readonly<Record<string, unknown>> & { readonly taskId: string };

/**
 * Calls a tool for a client that supports tasks. It is answered with a task when it waits for work that has not ended,
 * or starts work that can be waited for; otherwise with the plain result.
 */
export async function callToolAsTask(
  callContext: McpTaskContext,
  operation: Operation,
  given: ToolArguments,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const isWait = isResumable(operation);
  const called = await callToolWithOutcome(
    callContext,
    operation,
    given,
    context,
    isWait ? 'once' : 'until timeout',
  );
  const createdAt = Date.now();
  if (isWait) {
    if (called.resumeInput === undefined) return called.answer;
    const seconds = given[toSnakeCase(timeoutInputOf(operation) ?? '')];
    const endsAt = seconds === undefined ? {} : { endsAt: createdAt + Number(seconds) * 1000 };
    const wait = { tool: operation.tool, arguments: called.resumeInput };
    return await createdTaskResult(callContext, { createdAt, ...endsAt, wait }, called.lastProgressMessage);
  }
  const wait = called.nextSteps.find(({ tool }) =>
    callContext.offered.some((one) => one.tool === tool && isResumable(one)),
  );
  const { result } = called;
  if (worstEffectOf(operation) === 'read' || result === undefined || wait === undefined) return called.answer;
  const read = suggestGetCall(operation, result, callContext.callable);
  return await createdTaskResult(
    callContext,
    { createdAt, wait, ...(read && { read }) },
    called.lastProgressMessage,
  );
}

const isResumable = (operation: Operation): boolean =>
  operation.kind === 'single' && operation.wait?.resumeArguments !== undefined;

async function createdTaskResult(
  callContext: McpTaskContext,
  task: Task,
  message: string,
): Promise<CallToolResult> {
  return { content: [], resultType: 'task', ...taskState(await taskIdOf(callContext, task), task, message) };
}

/**
 * Decodes a task id and checks its seal.
 * @throws {InvalidParamsError} not a task of this caller and project, or expired
 */
export async function decodeTaskId(
  callContext: McpTaskContext,
  taskId: unknown,
): Promise<Task & { readonly id: string }> {
  const [body = '', proof = '', ...rest] = typeof taskId === 'string' ? taskId.split('.') : [];
  if (
    typeof taskId !== 'string' ||
    rest.length > 0 ||
    !(await taskSealFor(callContext, body)).matches(proof)
  ) {
    throw new InvalidParamsError(
      'taskId is unknown here: it was changed, or belongs to another caller, another project or a server with another key. The work continues; wait for it by its own id.',
    );
  }
  const task = JSON.parse(Buffer.from(body, 'base64url').toString()) as Task;
  if (Date.now() < task.createdAt + TTL_MS) return { ...task, id: taskId };
  throw new InvalidParamsError(
    `The task has expired: it is older than ${TTL_MS / 86_400_000} days. The work is not affected; read it by its own id.`,
  );
}

async function taskIdOf(callContext: McpTaskContext, task: Task): Promise<string> {
  const body = Buffer.from(JSON.stringify(task)).toString('base64url');
  return `${body}.${(await taskSealFor(callContext, body)).proof()}`;
}

/** Seal of a task id, bound to the caller and the project. */
async function taskSealFor({ getTaskSeal: taskSeal, caller, session }: McpTaskContext, body: string) {
  const [seal, project] = await Promise.all([taskSeal(), session.fetchProjectId()]);
  const text = JSON.stringify([caller.subject, project, body]);
  return { proof: () => seal.sign(text), matches: (proof: string) => seal.verifies(text, proof) };
}

/**
 * Polls a task once. For a migration, the poll also starts the next step when it is due.
 *
 * @throws {InvalidParamsError} unknown task id
 * @throws errors of the core, except a missing object, which is a result, and temporary errors, which leave the task
 *   working; the work may still be running
 */
export async function pollTask(
  callContext: McpTaskContext,
  taskId: unknown,
  context: ServerContext,
): Promise<McpTaskAnswer> {
  const task = await decodeTaskId(callContext, taskId);
  const { id, wait, read, endsAt = Infinity } = task;
  try {
    const polled = await callToolWithOutcome(
      callContext,
      callableOf(callContext, wait),
      wait.arguments,
      context,
      'once',
    );
    if (polled.resumeInput !== undefined && Date.now() < endsAt)
      return taskState(id, task, polled.lastProgressMessage);
    const end =
      read &&
      (await callToolWithOutcome(callContext, callableOf(callContext, read), read.arguments, context));
    return taskState(id, task, polled.lastProgressMessage, (end ?? polled).answer);
  } catch (error) {
    if (!isCoriolisError(error)) throw error;
    if (error.kind === 'not_found') {
      return taskState(
        id,
        task,
        formatProtocolErrorMessage(error),
        makeErrorResult(error, wait.tool, callContext.log),
      );
    }
    if (!['unreachable', 'timeout', 'server'].includes(error.kind)) throw error;
    return taskState(id, task, `State unknown at the moment: ${formatProtocolErrorMessage(error)}`);
  }
}

function callableOf({ callable }: McpTaskContext, { tool }: NextStep): Operation {
  const operation = callable.find((one) => one.tool === tool);
  if (operation !== undefined) return operation;
  throw new InvalidParamsError(`The task needs ${tool}, which is disabled here.`);
}

const taskState = (
  taskId: string,
  { createdAt }: Task,
  statusMessage: string,
  result?: CallToolResult | InputRequiredResult,
): McpTaskAnswer => ({
  taskId,
  status: result === undefined ? 'working' : 'completed',
  statusMessage,
  createdAt: new Date(createdAt).toISOString(),
  // Nothing is stored between two polls: this is the time of the poll.
  lastUpdatedAt: new Date().toISOString(),
  ttlMs: TTL_MS,
  pollIntervalMs: POLL_INTERVAL_MS,
  ...withoutUndefined({ result }),
});
