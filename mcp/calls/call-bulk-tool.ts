import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../src/model/json';
import type { Operation } from '../../src/operation';
import type { PreparedBulkCall } from '../../src/bulk-call';
import type { AuditedResult } from '../confirmation/audit-log';
import { performChange, type ChangeContext, type ChangeResult } from '../confirmation/perform-change';
import { toNextSteps, type NextStep } from '../results/next-steps';
import { makeBulkResult, makeToolResult } from '../results/tool-results';
import { MAX_WAIT_WITHOUT_PROGRESS_SECONDS } from './progress-heartbeat';

/** Confirmation token, warnings and request context of a call for several transfers. */
interface BulkCallContext {
  readonly token: string | undefined;
  readonly warnings: readonly string[];
  readonly context: ServerContext;
}

/** Outcome of a call for several transfers. */
interface BulkToolOutcome {
  readonly answer: CallToolResult | InputRequiredResult;
  readonly result?: JsonObject;
  readonly nextSteps: readonly NextStep[];
}

/** Result of a completed call, its suggested next calls, and the tool result made from both. */
interface CompletedCall extends AuditedResult {
  readonly result: JsonObject;
  readonly nextSteps: readonly NextStep[];
  readonly shown: JsonObject;
}

/**
 * Runs a call for several transfers. The result has a row for each. A destructive call has one preview and one
 * confirmation for all of them.
 */
export async function callBulkTool(
  callContext: ChangeContext & { readonly offered: readonly Operation[]; readonly maxWaitSeconds: number },
  call: PreparedBulkCall,
  { token, warnings, context }: BulkCallContext,
): Promise<BulkToolOutcome> {
  const seconds = Math.min(MAX_WAIT_WITHOUT_PROGRESS_SECONDS, callContext.maxWaitSeconds);
  const run = async (): Promise<CompletedCall> => {
    const { result, headline, next } = await call.run();
    const nextSteps = toNextSteps(next, callContext.offered, seconds);
    return {
      result,
      nextSteps,
      shown: makeBulkResult(call.operation, result, { headline, warnings, nextSteps }),
    };
  };
  const outcome: ChangeResult<CompletedCall> =
    call.effect === 'read'
      ? { done: await run() }
      : await performChange(callContext, { call, token, context, run });
  if ('answer' in outcome) return { answer: outcome.answer, nextSteps: [] };
  const { result, nextSteps, shown } = outcome.done;
  return { answer: makeToolResult(shown), result, nextSteps };
}
