import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { worstEffect } from '../../src/operation';
import type { Operation } from '../../src/operation';
import { call } from '../calls/call';
import type { Arguments, Desk } from '../calls/call';
import { failedResult } from '../results/errors';
import type { Log } from '../observability/log';
import { readerOf } from '../results/next-steps';
import type { NextStep } from '../results/next-steps';
import { InvalidParamsError } from '../protocol';
import type { Seal } from '../confirmation/seal';
import { spell } from '../snake-case';

/** How long a task can be asked for: longer than migrations take. */
const TTL_MS = 30 * 86_400_000;
/** How often clients should ask. */
const POLL_INTERVAL_MS = 5000;

/** What tasks need besides what calls need. */
export interface TaskDesk extends Desk {
  readonly taskSeal: () => Promise<Seal>;
  readonly log: Log;
}

/**
 * Work that goes on in Coriolis, as a task of MCP (SEP-2663). Its id says all of this under a seal that binds it to the
 * caller and the project, so that any process with the same key answers for it and none has to remember it.
 */
interface Task {
  readonly createdAt: number;
  /** When it counts as over in any case, as the caller of a wait asked for. */
  readonly endsAt?: number;
  /** The call that tells whether it is over. */
  readonly wait: NextStep;
  /** The call whose answer is its result; that of the wait when left out. */
  readonly read?: NextStep;
}

/** How a task stands, as `tasks/get` tells it. */
export type TaskState = Readonly<Record<string, unknown>> & { readonly taskId: string };

/**
 * Does what a tool stands for, for a client that knows tasks: what would go on waiting, or has started work that can be
 * waited for, is answered with a task.
 */
export async function callForTask(
  desk: TaskDesk,
  operation: Operation,
  given: Arguments,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const isWait = waits(operation);
  const called = await call(desk, operation, given, context, isWait ? 'once' : 'until timeout');
  const createdAt = Date.now();
  if (isWait) {
    if (called.resumeInput === undefined) return called.answer;
    const seconds = given[spell(operation.boundedBy ?? '')];
    const endsAt = seconds === undefined ? {} : { endsAt: createdAt + Number(seconds) * 1000 };
    const wait = { tool: operation.tool, arguments: called.resumeInput };
    return await created(desk, { createdAt, ...endsAt, wait }, called.news);
  }
  const wait = called.nextSteps.find(({ tool }) =>
    desk.offered.some((one) => one.tool === tool && waits(one)),
  );
  const { result } = called;
  if (worstEffect(operation) === 'read' || result === undefined || wait === undefined) return called.answer;
  const read = readerOf(operation, result, desk.offered);
  return await created(desk, { createdAt, wait, ...(read && { read }) }, called.news);
}

const waits = (operation: Operation): boolean =>
  operation.kind === 'single' && operation.resume !== undefined;

async function created(desk: TaskDesk, task: Task, news: string): Promise<CallToolResult> {
  return { content: [], resultType: 'task', ...shown(await idOf(desk, task), task, news) };
}

/**
 * The task that an id stands for.
 * @throws {InvalidParamsError} it is not one of this caller here, or too old
 */
export async function requireTask(desk: TaskDesk, taskId: unknown): Promise<Task & { readonly id: string }> {
  const [body = '', proof = '', ...rest] = typeof taskId === 'string' ? taskId.split('.') : [];
  if (typeof taskId !== 'string' || rest.length > 0 || !(await sealed(desk, body)).matches(proof)) {
    throw new InvalidParamsError(
      'taskId is not a task of this caller here: it was changed, or given out to another caller, for another project or by a server with another key. What was started goes on; waiting for it by its own id tells how it stands.',
    );
  }
  const task = JSON.parse(Buffer.from(body, 'base64url').toString()) as Task;
  if (Date.now() < task.createdAt + TTL_MS) return { ...task, id: taskId };
  throw new InvalidParamsError(
    `The task has expired: it is older than ${TTL_MS / 86_400_000} days. What was started is not affected; its own id tells how it stands.`,
  );
}

async function idOf(desk: TaskDesk, task: Task): Promise<string> {
  const body = Buffer.from(JSON.stringify(task)).toString('base64url');
  return `${body}.${(await sealed(desk, body)).proof()}`;
}

/** The seal of a task, which is worth nothing to other callers or in other projects. */
async function sealed({ taskSeal, caller, session }: TaskDesk, body: string) {
  const [seal, project] = await Promise.all([taskSeal(), session.project()]);
  const text = JSON.stringify([caller.subject, project, body]);
  return { proof: () => seal.of(text), matches: (proof: string) => seal.matches(text, proof) };
}

/**
 * Looks once how a task stands. A migration takes its next step with that, when it is time.
 *
 * @throws {InvalidParamsError} the id stands for nothing here
 * @throws errors of the core that time does not heal, while the work may well go on
 */
export async function lookAtTask(
  desk: TaskDesk,
  taskId: unknown,
  context: ServerContext,
): Promise<TaskState> {
  const task = await requireTask(desk, taskId);
  const { id, wait, read, endsAt = Infinity } = task;
  try {
    const seen = await call(desk, offeredOf(desk, wait), wait.arguments, context, 'once');
    if (seen.resumeInput !== undefined && Date.now() < endsAt) return shown(id, task, seen.news);
    const end = read && (await call(desk, offeredOf(desk, read), read.arguments, context));
    return shown(id, task, seen.news, (end ?? seen).answer);
  } catch (error) {
    if (!isCoriolisError(error)) throw error;
    if (error.kind === 'not_found') {
      return shown(id, task, error.message, failedResult(error, wait.tool, desk.log));
    }
    if (!['unreachable', 'timeout', 'server'].includes(error.kind)) throw error;
    return shown(id, task, `Not known at the moment: ${error.message}`);
  }
}

function offeredOf({ offered }: TaskDesk, { tool }: NextStep): Operation {
  const operation = offered.find((one) => one.tool === tool);
  if (operation !== undefined) return operation;
  throw new InvalidParamsError(`The task needs ${tool}, which is switched off here.`);
}

const shown = (
  taskId: string,
  { createdAt }: Task,
  statusMessage: string,
  result?: CallToolResult | InputRequiredResult,
): TaskState => ({
  taskId,
  status: result === undefined ? 'working' : 'completed',
  statusMessage,
  createdAt: new Date(createdAt).toISOString(),
  // Nothing is kept between two looks: this is when it was looked at.
  lastUpdatedAt: new Date().toISOString(),
  ttlMs: TTL_MS,
  pollIntervalMs: POLL_INTERVAL_MS,
  ...(result === undefined ? {} : { result }),
});
