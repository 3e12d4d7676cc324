import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { ConflictError } from '../../src/api/errors';
import type { InputOf } from '../../src/vocabulary/field';
import { choice, json, list, number, text } from '../../src/vocabulary/fields';
import type { JsonObject } from '../../src/model/json';
import { isAbsent, readInput } from '../../src/vocabulary/input';
import type { Operation, SingleOperation } from '../../src/operation';
import { check, isSingle, resolve, rowsOf, type CheckedCall, type PreparedCall } from '../../src/perform';
import { change, type Changed, type Changer } from '../confirmation/change';
import type { Window } from '../../src/vocabulary/window';
import type { PositionedRow } from '../../src/perform';
import type { Audited } from '../confirmation/audit';
import { readCursor } from '../results/cursor';
import { nextSteps } from '../results/next-steps';
import type { NextStep } from '../results/next-steps';
import type { Heartbeat } from './patience';
import { SILENT_WAIT_SECONDS, heartbeat } from './patience';
import { refuseForbidden } from '../caller/permissions';
import { answer, pageResult, refuseUnknownKeys, singleResult } from '../results/results';
import { OPTIONS } from '../tools/schema';
import { spell, spelled } from '../snake-case';
import type { Session } from '../connection/session';
import { PAGE, shows } from '../tools/tools';

/** What a call needs besides its arguments. */
export interface Desk extends Changer {
  readonly session: Session;
  /** Operations that the assistant has tools for. */
  readonly offered: readonly Operation[];
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** What a call came to. */
export interface Called {
  readonly answer: CallToolResult | InputRequiredResult;
  /** The one object that it answered with, whole. */
  readonly result?: JsonObject | undefined;
  readonly nextSteps: readonly NextStep[];
  /** The arguments with which a wait that is not over goes on. */
  readonly resumeInput?: Arguments | undefined;
  /** How far it came, in words. */
  readonly news: string;
}

/** Arguments that belong to this face, beside those of the operation. */
const showing = {
  fields: list('Fields', 'Keys to show', { optional: true }),
  detail: choice(
    'Detail',
    'How much to show',
    [
      { value: 'summary', title: 'Summary' },
      { value: 'full', title: 'Full' },
    ],
    { default: 'summary' },
  ),
};
const paging = {
  limit: number('Limit', 'Rows a page', { default: PAGE.default, minimum: 1, maximum: PAGE.maximum }),
  cursor: text('Cursor', 'Where the page begins', { optional: true }),
};
const confirming = { confirmation_token: text('Confirmation Token', 'From the preview', { optional: true }) };

type Own = InputOf<typeof showing & typeof paging & typeof confirming>;

/** Does what a tool stands for, as `call` does. */
export const callTool = async (
  desk: Desk,
  operation: Operation,
  given: Arguments,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> => (await call(desk, operation, given, context)).answer;

/**
 * Does what a tool stands for.
 *
 * @param polls `once` for a wait that returns after one poll, whatever its timeout
 * @throws errors of the core, all with words for the model; nothing was sent when the input is to blame
 */
export async function call(
  desk: Desk,
  operation: Operation,
  given: Arguments,
  context: ServerContext,
  polls: 'until timeout' | 'once' = 'until timeout',
): Promise<Called> {
  const { own, input, others } = divide(operation, given);
  refuseForbidden(operation, desk.caller.permissions, input);
  const beat = heartbeat(context, `${operation.tool.replaceAll('_', ' ')} is at work`);
  try {
    // Before the session is opened: wrong arguments are answered without a server.
    const checked = check(operation, input, spell, others);
    const coriolis = { ...(await desk.session.open()), signal: context.mcpReq.signal, report: beat.report };
    if (!isSingle(checked)) {
      const rows = (window: Window) => rowsOf(checked, coriolis, window, own.detail);
      return {
        answer: answer(await page(operation, rows, input, own)),
        nextSteps: [],
        news: beat.news(),
      };
    }
    const limit =
      polls === 'once' ? { seconds: 0 } : waitLimitOf(checked.operation, input, beat, desk.maxWaitSeconds);
    const prepared = await resolve(withLimit(checked, limit.seconds), coriolis);
    const run = (): Promise<Done> => single(prepared, own, limit.warning, desk.offered);
    const token = own.confirmation_token;
    const outcome: Changed<Done> =
      prepared.effect === 'read'
        ? { done: await run() }
        : await change(desk, { call: prepared, token, context, run });
    if ('answer' in outcome) return { answer: outcome.answer, nextSteps: [], news: beat.news() };
    const { result, nextSteps: steps, shown } = outcome.done;
    const resumeInput = prepared.resume(result);
    return {
      answer: answer(shown),
      result,
      nextSteps: steps,
      resumeInput: resumeInput && spelled(resumeInput),
      news: beat.news(),
    };
  } finally {
    beat.stop();
  }
}

/** The arguments of this face, checked, and those of the operation under the names it gave them. */
function divide(
  operation: Operation,
  call: Arguments,
): { readonly own: Own; readonly input: Arguments; readonly others: readonly string[] } {
  const given = withOptions(call);
  const names = new Map(Object.keys(operation.input).map((name) => [spell(name), name]));
  const listed = {
    ...(shows(operation) ? showing : {}),
    ...(operation.kind === 'list' ? paging : {}),
  };
  const ours = { ...listed, ...confirming };
  const isOurs = (name: string): boolean => name in ours && !names.has(name);
  const part = (mine: boolean): Arguments =>
    Object.fromEntries(
      Object.entries(given)
        .filter(([name]) => isOurs(name) === mine)
        .map(([name, value]) => [names.get(name) ?? name, value]),
    );
  const own = { ...readInput({ ...showing, ...paging, ...confirming }, {}), ...readInput(ours, part(true)) };
  if (own.fields !== undefined && own.detail === 'summary') refuseUnknownKeys(operation, own.fields);
  return { own, input: part(false), others: Object.keys(listed) };
}

/** The arguments with the keys of `options` beside the others. */
function withOptions(call: Arguments): Arguments {
  const { [OPTIONS]: options, ...others } = call;
  const { options: keys } = readInput(optionsField, { options });
  return { ...keys, ...others };
}

const optionsField = { options: json('Options', 'Seldom needed arguments', { optional: true }) };

function page(
  operation: Operation,
  rows: (window: Window) => AsyncIterable<PositionedRow>,
  input: Arguments,
  { cursor, limit, detail, fields }: Own,
) {
  const after = cursor === undefined ? undefined : readCursor(cursor, operation.tool, input);
  // One row more than is shown tells whether there is another page.
  return pageResult(operation, rows({ limit: limit + 1, after }), { detail, fields, limit, filters: input });
}

/** A result of one object, and the answer that shows it. */
interface Done extends Audited {
  readonly result: JsonObject;
  readonly nextSteps: readonly NextStep[];
  readonly shown: JsonObject;
}

async function single(
  call: PreparedCall,
  { detail, fields }: Own,
  warning: string | undefined,
  offered: readonly Operation[],
): Promise<Done> {
  const { operation, input } = call;
  const warnings = warning === undefined ? [] : [warning];
  const show = (result: JsonObject, already?: Audited['already']): Done => {
    const steps = nextSteps(operation, input, result, offered);
    const frame = { detail, fields, warnings, already, nextSteps: steps };
    return { result, already, nextSteps: steps, shown: singleResult(operation, result, frame) };
  };
  const duplicate = await call.findDuplicate({ detail });
  if (duplicate !== undefined) return show(duplicate, 'exists');
  try {
    return show(await call.run({ detail }));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const inFlight = await call.findInFlight({ detail });
    if (inFlight === undefined) throw error;
    return show(inFlight, 'running');
  }
}

/** A checked call with another timeout, when it has one. */
const withLimit = (
  { operation, input, spell: names }: CheckedCall<SingleOperation>,
  seconds: number,
): CheckedCall<SingleOperation> => ({
  operation,
  input: operation.boundedBy === undefined ? input : { ...input, [operation.boundedBy]: seconds },
  spell: names,
});

/** Timeout of a wait within the limit of the client; the limit ends the wait, not the work, and is no error. */
function waitLimitOf(
  { boundedBy }: SingleOperation,
  input: Arguments,
  beat: Heartbeat,
  maxWaitSeconds: number,
): { readonly seconds: number; readonly warning?: string } {
  const cap = beat.wanted ? maxWaitSeconds : Math.min(SILENT_WAIT_SECONDS, maxWaitSeconds);
  const given = boundedBy === undefined ? undefined : input[boundedBy];
  if (isAbsent(given) || Number(given) <= cap) return { seconds: isAbsent(given) ? cap : Number(given) };
  return { seconds: cap, warning: `One call waits ${cap} s at most here: call again to go on.` };
}
