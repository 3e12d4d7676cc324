import { randomUUID } from 'node:crypto';
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { asError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { JsonObject } from '../../src/model/json';
import { REDACTED } from '../../src/model/redact';
import type { SingleOperation } from '../../src/operation';
import { effectOf } from '../../src/operation';
import type { Audit, AuditRecord } from './audit';
import type { Caller } from '../caller/caller';
import { clientOf } from '../caller/client';
import { confirmed, previewed } from './confirmation';
import type { Confirmer, Verdict } from './confirmation';
import { answer } from '../results/results';
import { spelled } from '../spelling';

/** What a change needs: who makes it, how it is confirmed, where it is recorded. */
export interface Changer {
  readonly caller: Caller;
  readonly confirmer: Confirmer;
  readonly audit: () => Promise<Audit>;
}

/** A call that changes something, its arguments checked and its names turned into ids. */
export interface Change {
  readonly operation: SingleOperation;
  readonly coriolis: Coriolis;
  readonly input: Readonly<Record<string, unknown>>;
  /** The confirmation token that the call brought. */
  readonly token: string | undefined;
  readonly context: ServerContext;
  readonly act: () => Promise<JsonObject>;
}

/** Does what changes something: confirmed where it destroys, and with its records in the audit log. */
export async function change(
  { caller, confirmer, audit: open }: Changer,
  { operation, coriolis, input, token, context, act }: Change,
): Promise<CallToolResult | InputRequiredResult> {
  const audit = await open();
  const { tool } = operation;
  const deed: AuditRecord = {
    call: randomUUID(),
    caller: caller.subject,
    client: clientOf(confirmer.server, context),
    tool,
    effect: effectOf(operation, input),
    arguments: spelled(withoutSecrets(operation, input)),
  };
  if (deed.effect !== 'destroy') return answer(await audit.acting(deed, act));
  const preview = await previewed(operation, coriolis, input).catch(async (error: unknown) => {
    await audit.refused(deed, error);
    throw asError(error);
  });
  const object = preview.subject;
  let verdict: Verdict;
  try {
    const call = { caller: caller.subject, tool, input, subject: object };
    verdict = await confirmed(confirmer, operation, call, preview, token, context);
  } catch (error) {
    await audit.refused({ ...deed, object }, error);
    throw error;
  }
  const shown: AuditRecord = { ...deed, object, confirmation: verdict.confirmation };
  if (verdict.answer === undefined) return answer(await audit.acting(shown, act));
  await audit.previewed(shown);
  return verdict.answer;
}

/** For the audit log: fields that hold secrets as a whole say only that they were given. What is in others is redacted there. */
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
