import { randomUUID } from 'node:crypto';
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { asError } from '../../src/api/errors';
import { REDACTED } from '../../src/model/redact-object';
import type { JsonObject } from '../../src/model/json';
import type { Effect, SingleOperation } from '../../src/operation';
import type { AuditLog, AuditedResult, AuditedCall } from './audit-log';
import type { Caller } from '../caller/caller';
import { readClientNameAndVersion } from '../caller/client-capabilities';
import { confirmCall, fetchPreview } from './confirm-call';
import type { ConfirmationSettings, ConfirmationResult, PreviewableCall } from './confirm-call';
import { toSnakeCaseKeys } from '../snake-case';

/** Context of a change: caller, confirmation and audit log. */
export interface ChangeContext {
  readonly caller: Caller;
  readonly confirmationSettings: ConfirmationSettings;
  readonly getAuditLog: () => Promise<AuditLog>;
}

/** A call that changes something. */
export interface ChangingCall<Done extends AuditedResult> {
  readonly call: PreviewableCall & { readonly input: JsonObject; readonly effect: Effect };
  /** The confirmation token in the arguments. */
  readonly token: string | undefined;
  readonly context: ServerContext;
  readonly run: () => Promise<Done>;
}

/** Result of a change; before its confirmation, the preview or the question to the person. */
export type ChangeResult<Done> =
  { readonly done: Done } | { readonly answer: CallToolResult | InputRequiredResult };

/**
 * Runs a call that changes something, and records it in the audit log. A destructive call is run only when it is
 * confirmed; before that, its preview or a question is the answer.
 */
export async function performChange<Done extends AuditedResult>(
  { caller, confirmationSettings: confirmer, getAuditLog: open }: ChangeContext,
  { call, token, context, run }: ChangingCall<Done>,
): Promise<ChangeResult<Done>> {
  const audit = await open();
  const { operation, input } = call;
  const { tool } = operation;
  const record: AuditedCall = {
    call: randomUUID(),
    caller: caller.subject,
    client: readClientNameAndVersion(confirmer.server, context),
    tool,
    effect: call.effect,
    arguments: toSnakeCaseKeys(withoutSecrets(operation, input)),
  };
  if (record.effect !== 'destroy') return { done: await audit.runAndRecordChange(record, run) };
  const preview = await fetchPreview(call).catch(async (error: unknown) => {
    await audit.recordRefusal(record, error);
    throw asError(error);
  });
  const object = preview.subject;
  let verdict: ConfirmationResult;
  try {
    const confirmable = {
      caller: caller.subject,
      tool,
      input,
      subject: object,
      consequences: preview.consequences,
    };
    verdict = await confirmCall(confirmer, operation, confirmable, preview, token, context);
  } catch (error) {
    await audit.recordRefusal({ ...record, object }, error);
    throw error;
  }
  const shown: AuditedCall = { ...record, object, confirmation: verdict.confirmation };
  if (verdict.answer === undefined) return { done: await audit.runAndRecordChange(shown, run) };
  await audit.recordPreview(shown);
  return { answer: verdict.answer };
}

/** Arguments for the audit log, with whole secret fields masked. Secrets inside other fields are masked by the log. */
const withoutSecrets = (
  operation: SingleOperation,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const field = operation.input[name];
      const secret = field?.kind === 'form' && field.secret && value !== undefined;
      return [name, secret ? REDACTED : value];
    }),
  );
