import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { contextForCaller, type Coriolis } from '../../src/api/operation-context';
import { ConflictError, isCoriolisError } from '../../src/api/errors';
import type { JsonObject } from '../../src/model/json';
import { isAbsent } from '../../src/vocabulary/read-input';
import type { Operation } from '../../src/operation';
import {
  checkCall,
  isSingleCall,
  resolveNames,
  fetchCallRows,
  type PreparedCall,
} from '../../src/prepared-call';
import { TRANSFER_IDS_INPUT } from '../../src/lookup/transfer-ids-input';
import { prepareBulkCall, isBulkOperation, type BulkOperation } from '../../src/bulk-call';
import { performChange, type ChangeResult, type ChangeContext } from '../confirmation/perform-change';
import type { ListPause, ListRange } from '../../src/vocabulary/list-range';
import type { RowWithPosition } from '../../src/prepared-call';
import type { AuditedResult } from '../confirmation/audit-log';
import { readPageCursor } from '../results/page-cursor';
import { suggestNextSteps } from '../results/next-steps';
import type { NextStep } from '../results/next-steps';
import {
  makeIgnoredArgumentsWarning,
  separateArguments,
  type McpArguments,
  type ToolArguments,
} from './call-arguments';
import { callBulkTool } from './call-bulk-tool';
import {
  CHANGE_TIMEOUT_SECONDS,
  limitWait,
  READ_TIMEOUT_SECONDS,
  timeoutSecondsOfReads,
  withTimeout,
} from './call-timeouts';
import type { ProgressHeartbeat } from './progress-heartbeat';
import { MAX_WAIT_WITHOUT_PROGRESS_SECONDS, startProgressHeartbeat } from './progress-heartbeat';
import { refuseForbiddenFields } from '../caller/permissions';
import { makeToolResult, makePageResult, makeSingleResult } from '../results/tool-results';
import { toSnakeCase, toSnakeCaseKeys } from '../snake-case';
import type { CoriolisSession } from '../connection/coriolis-session';

/** Context of a tool call: session, caller, limits. */
export interface ToolCallContext extends ChangeContext {
  readonly session: CoriolisSession;
  /** Operations that the client sees as tools. */
  readonly offered: readonly Operation[];
  /** Operations that the client may call: those of `offered`, and others that are not in its list of tools. */
  readonly callable: readonly Operation[];
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
  /** Fires when the process is about to end: waits return as if their timeout had passed. */
  readonly endWaitsSignal: AbortSignal;
}

/** Outcome of a call. */
export interface ToolCallOutcome {
  readonly answer: CallToolResult | InputRequiredResult;
  /** The object of the answer, complete; undefined for lists and questions. */
  readonly result?: JsonObject | undefined;
  readonly nextSteps: readonly NextStep[];
  /** Arguments that resume a wait that has not finished. */
  readonly resumeInput?: ToolArguments | undefined;
  /** Last progress message. */
  readonly lastProgressMessage: string;
}

/** Calls a tool and returns its result. */
export const callTool = async (
  callContext: ToolCallContext,
  operation: Operation,
  given: ToolArguments,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> =>
  (await callToolWithOutcome(callContext, operation, given, context)).answer;

/**
 * Calls a tool and returns the whole outcome, for tasks.
 *
 * @param polls `once` for a wait that returns after one poll, whatever its timeout
 * @throws errors of the core, with messages for the model; nothing was sent when the input is wrong
 */
export async function callToolWithOutcome(
  callContext: ToolCallContext,
  operation: Operation,
  given: ToolArguments,
  context: ServerContext,
  polls: 'until timeout' | 'once' = 'until timeout',
): Promise<ToolCallOutcome> {
  const { mcpArguments, input, ignored, mcpArgumentNames } = separateArguments(operation, given);
  refuseForbiddenFields(operation, callContext.caller.permissions, input);
  const warnings = makeIgnoredArgumentsWarning(operation, Object.keys(ignored), mcpArgumentNames);
  const heartbeat = startProgressHeartbeat(context, `${operation.tool.replaceAll('_', ' ')} is running`);
  try {
    if (namesSeveral(operation, input)) {
      const coriolis = connectionForCall(
        callContext,
        await callContext.session.open(),
        CHANGE_TIMEOUT_SECONDS,
        heartbeat,
        context,
      );
      const prepared = await prepareBulkCall(operation, coriolis, input, toSnakeCase, mcpArgumentNames);
      const end = await callBulkTool(callContext, prepared, {
        token: mcpArguments.confirmation_token,
        warnings,
        context,
      });
      return { ...end, lastProgressMessage: heartbeat.lastMessage() };
    }
    // Checked before the session is opened, so that wrong arguments are answered even when Coriolis is down.
    const checked = checkCall(operation, input, toSnakeCase, mcpArgumentNames);
    const opened = await callContext.session.open();
    const connection = (seconds: number) =>
      connectionForCall(callContext, opened, seconds, heartbeat, context);
    if (!isSingleCall(checked)) {
      const coriolis = connection(READ_TIMEOUT_SECONDS);
      const pauses: ListPause[] = [];
      const rows = (window: ListRange) =>
        fetchCallRows(checked, coriolis, window, { ...mcpArguments, onPause: (pause) => pauses.push(pause) });
      return {
        answer: makeToolResult(await listPage(operation, { rows, pauses }, input, mcpArguments, warnings)),
        nextSteps: [],
        lastProgressMessage: heartbeat.lastMessage(),
      };
    }
    const limit =
      polls === 'once' ? { seconds: 0 } : limitWait(checked, input, heartbeat, callContext.maxWaitSeconds);
    const coriolis = connection(timeoutSecondsOfReads(checked.operation, limit.seconds));
    const prepared = await resolveNames(withTimeout(checked, limit.seconds), coriolis);
    const allWarnings = limit.warning === undefined ? warnings : [...warnings, limit.warning];
    const run = (): Promise<CompletedCall> => runSingleCall(prepared, mcpArguments, allWarnings, callContext);
    const token = mcpArguments.confirmation_token;
    const outcome: ChangeResult<CompletedCall> =
      prepared.effect === 'read'
        ? { done: await run() }
        : await performChange(callContext, { call: prepared, token, context, run });
    if ('answer' in outcome)
      return { answer: outcome.answer, nextSteps: [], lastProgressMessage: heartbeat.lastMessage() };
    const { result, nextSteps: steps, shown } = outcome.done;
    const resumeInput = prepared.resumeArguments(result);
    return {
      answer: makeToolResult(shown),
      result,
      nextSteps: steps,
      resumeInput: resumeInput && toSnakeCaseKeys(resumeInput),
      lastProgressMessage: heartbeat.lastMessage(),
    };
  } catch (error) {
    // All calls that wait for the same login get the same error object, so it must not get the warnings of one call.
    if (!isCoriolisError(error) || error.kind === 'authentication' || warnings.length === 0) throw error;
    throw error.advising(warnings.join(' '));
  } finally {
    heartbeat.stop();
  }
}

const connectionForCall = (
  { endWaitsSignal }: ToolCallContext,
  opened: Coriolis,
  seconds: number,
  { sendProgress: report }: ProgressHeartbeat,
  context: ServerContext,
) =>
  contextForCaller(opened, {
    signal: context.mcpReq.signal,
    deadline: opened.clock() + seconds * 1000,
    endWaitsSignal,
    reportProgress: report,
  });

/** Whether a call names several transfers instead of one. */
const namesSeveral = (operation: Operation, input: ToolArguments): operation is BulkOperation =>
  operation.kind === 'single' && isBulkOperation(operation) && !isAbsent(input[TRANSFER_IDS_INPUT]);

function listPage(
  operation: Operation,
  {
    rows,
    pauses,
  }: {
    readonly rows: (window: ListRange) => AsyncIterable<RowWithPosition>;
    /** The pause of the list, if any; filled while its rows are read. */
    readonly pauses: readonly ListPause[];
  },
  input: ToolArguments,
  { cursor, limit, detail, fields }: McpArguments,
  warnings: readonly string[],
) {
  const after = cursor === undefined ? undefined : readPageCursor(cursor, operation.tool, input);
  // One more row than fits on a page shows whether there is another page.
  return makePageResult(operation, rows({ limit: limit + 1, after }), {
    detail,
    fields,
    limit,
    filters: input,
    warnings,
    pauses,
  });
}

/** Result of a call with one object, with the tool result that shows the object. */
interface CompletedCall extends AuditedResult {
  readonly result: JsonObject;
  readonly nextSteps: readonly NextStep[];
  readonly shown: JsonObject;
}

async function runSingleCall(
  call: PreparedCall,
  { detail, fields }: McpArguments,
  warnings: readonly string[],
  { offered, maxWaitSeconds }: ToolCallContext,
): Promise<CompletedCall> {
  const { operation, input } = call;
  const show = (result: JsonObject, already?: AuditedResult['already']): CompletedCall => {
    const bound = operation.wait === undefined ? 0 : Number(input[operation.wait.timeoutInput]);
    const seconds = bound === 0 ? Math.min(MAX_WAIT_WITHOUT_PROGRESS_SECONDS, maxWaitSeconds) : bound;
    const steps = suggestNextSteps(operation, input, result, offered, seconds);
    const frame = { detail, fields, warnings, already, nextSteps: steps };
    return { result, already, nextSteps: steps, shown: makeSingleResult(operation, result, frame) };
  };
  try {
    const [result, existed] = await call.runOnce({ detail });
    if (!existed) return show(result);
    return show(result, operation.deduplication === undefined ? 'running' : 'exists');
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const inFlight = await call.findRunning({ detail });
    if (inFlight === undefined) throw error;
    return show(inFlight, 'running');
  }
}
