import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { ConflictError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { InputOf } from '../../src/vocabulary/field';
import { choice, json, list, number, text } from '../../src/vocabulary/fields';
import type { JsonObject } from '../../src/model/json';
import { readInput } from '../../src/vocabulary/input';
import type { ListOperation, Operation, SingleOperation } from '../../src/operation';
import { effectOf } from '../../src/operation';
import { findDuplicate, perform, performList, prepare, underwayOf } from '../../src/perform';
import { change } from '../confirmation/change';
import type { Changer } from '../confirmation/change';
import { readCursor } from '../results/cursor';
import { nextSteps } from '../results/next-steps';
import type { NextStep } from '../results/next-steps';
import type { Heartbeat } from './patience';
import { SILENT_WAIT_SECONDS, heartbeat } from './patience';
import { refuseForbidden } from '../caller/permissions';
import { answer, pageResult, refuseUnknownKeys, singleResult } from '../results/results';
import { OPTIONS } from '../tools/schema';
import { spell, spelled } from '../spelling';
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
  readonly result?: JsonObject;
  readonly nextSteps: readonly NextStep[];
  /** The arguments with which a wait that is not over goes on. */
  readonly resumeInput?: Arguments;
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
 * @param patience `a look`: what would wait only looks once
 * @throws errors of the core, all with words for the model; nothing was sent when the input is to blame
 */
export async function call(
  desk: Desk,
  operation: Operation,
  given: Arguments,
  context: ServerContext,
  patience: 'as asked' | 'a look' = 'as asked',
): Promise<Called> {
  const { own, input, others } = divide(operation, given);
  refuseForbidden(operation, desk.caller.permissions, input);
  const beat = heartbeat(context, `${operation.tool.replaceAll('_', ' ')} is at work`);
  try {
    // Before anything is opened: a mistake in the arguments needs no server.
    readInput(operation.input, input, spell, others);
    const coriolis = { ...(await desk.session.open()), signal: context.mcpReq.signal, report: beat.report };
    if (operation.kind === 'list') {
      return {
        answer: answer(await page(coriolis, operation, input, own)),
        nextSteps: [],
        news: beat.news(),
      };
    }
    const { bounded, warnings } =
      patience === 'a look' ? glance(operation, input) : bound(operation, input, beat, desk.maxWaitSeconds);
    // Names become ids once, so that what is previewed, confirmed and done is the same object.
    const prepared = await prepare(operation.input, coriolis, bounded, spell);
    let done: Done | undefined;
    const act = async (): Promise<JsonObject> => {
      done = await single(coriolis, operation, prepared, own, warnings, desk.offered);
      return done.shown;
    };
    const token = own.confirmation_token;
    const called =
      effectOf(operation, prepared) === 'read'
        ? answer(await act())
        : await change(desk, { operation, coriolis, input: prepared, token, context, act });
    const resumeInput = done && operation.resume?.(done.result as never, prepared);
    return {
      answer: called,
      ...(done === undefined ? {} : { result: done.result }),
      nextSteps: done?.nextSteps ?? [],
      ...(resumeInput === undefined ? {} : { resumeInput: spelled(resumeInput) }),
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

function page(coriolis: Coriolis, operation: ListOperation, input: Arguments, own: Own) {
  const after = own.cursor === undefined ? undefined : readCursor(own.cursor, operation.tool, input);
  // One row more than is shown tells whether there is another page.
  const window = { limit: own.limit + 1, ...(after === undefined ? {} : { after }) };
  const rows = performList(operation, coriolis, input, window, { detail: own.detail, spell });
  const { detail, fields, limit } = own;
  return pageResult(operation, rows, { detail, fields, limit, filters: input });
}

/** A result, and how it is shown. */
interface Done {
  readonly result: JsonObject;
  readonly nextSteps: readonly NextStep[];
  readonly shown: JsonObject;
}

async function single(
  coriolis: Coriolis,
  operation: SingleOperation,
  input: Arguments,
  { detail, fields }: Own,
  warnings: readonly string[],
  offered: readonly Operation[],
): Promise<Done> {
  const manner = { detail, spell } as const;
  const show = (result: JsonObject, already?: 'running' | 'exists'): Done => {
    const steps = nextSteps(operation, input, result, offered);
    const frame = { detail, fields, warnings, already, nextSteps: steps };
    return { result, nextSteps: steps, shown: singleResult(operation, result, frame) };
  };
  const before = await findDuplicate(operation, coriolis, input, manner);
  if (before !== undefined) return show(before, 'exists');
  try {
    return show(await perform(operation, coriolis, input, manner));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const underway = await underwayOf(operation, coriolis, input, manner);
    if (underway === undefined) throw error;
    return show(underway, 'running');
  }
}

interface Bounded {
  readonly bounded: Arguments;
  readonly warnings: readonly string[];
}

/** Makes a wait a single look. */
const glance = ({ boundedBy }: SingleOperation, input: Arguments): Bounded => ({
  bounded: boundedBy === undefined ? input : { ...input, [boundedBy]: 0 },
  warnings: [],
});

/** Shortens a wait to what the client bears: the cap ends the wait, not the work, and is no error. */
function bound(
  { boundedBy }: SingleOperation,
  input: Arguments,
  beat: Heartbeat,
  maxWaitSeconds: number,
): Bounded {
  if (boundedBy === undefined) return { bounded: input, warnings: [] };
  const cap = beat.wanted ? maxWaitSeconds : Math.min(SILENT_WAIT_SECONDS, maxWaitSeconds);
  const wanted = Number(input[boundedBy] ?? cap);
  return {
    bounded: { ...input, [boundedBy]: Math.min(wanted, cap) },
    warnings: wanted > cap ? [`One call waits ${cap} s at most here: call again to go on.`] : [],
  };
}
