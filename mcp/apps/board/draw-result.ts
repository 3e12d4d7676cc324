import { isObject, type JsonObject } from '../../../src/model/json';
import { statusLabelOf } from '../../../src/model/status';
import { spellOutTaskTypes } from '../../../src/model/task-words';
import { formatShortMoment } from '../../../src/pictures/axis-scale';
import { drawBoard, type BoardPictureRow } from '../../../src/pictures/board-picture';
import { drawCopyAges } from '../../../src/pictures/copy-age-chart';
import { drawEstate } from '../../../src/pictures/estate-picture';
import { joinMarkup, type Markup } from '../../../src/pictures/markup';
import type { PictureState } from '../../../src/pictures/picture-state';
import { makeStatusBarParts, pictureStateOf } from '../../../src/playbooks/report/status-bar-parts';

/** Picture of a tool result. */
export interface ResultDrawing {
  readonly drawing: Markup;
  /** True while runs of the result are active; the view then reads the result again from time to time. */
  readonly isBusy: boolean;
  /** Tool call that reads the same data again; undefined when no read-only tool reads them. */
  readonly refreshCall: { readonly tool: string; readonly arguments: JsonObject } | undefined;
}

const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
const textsIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(textOrEmpty) : []);
/** Time of a result: its `as_of`, else `now`. ISO 8601. */
const timeOfResult = (result: JsonObject, now: string): string => textOrEmpty(result['as_of']) || now;

/**
 * Draws a tool result: an estate, a wave, a wait, the ages of copies, or a run. Undefined for other results.
 *
 * @param given arguments of the call
 * @param now time for results without `as_of`, ISO 8601
 */
export function drawResult(result: JsonObject, given: JsonObject, now: string): ResultDrawing | undefined {
  if (isObject(result['transfers_by_status'])) return estateDrawing(result, given, now);
  if (Array.isArray(result['waves']) && typeof result['goal'] === 'string')
    return waveDrawing(result, given, now);
  if (Array.isArray(result['targets'])) return waitDrawing(result, given, now);
  if (typeof result['rpo_target_seconds'] === 'number') return copyAgesDrawing(result, given, now);
  if (typeof result['status'] === 'string' && typeof result['id'] === 'string')
    return runDrawing(result, now);
  return undefined;
}

function estateDrawing(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const stalled = objectsIn(result['stalled']);
  const running = objectsIn(result['running']);
  const asOf = timeOfResult(result, now);
  return {
    drawing: joinMarkup(
      drawEstate({
        title: 'Estate',
        as_of: asOf,
        groups: [
          { name: 'transfers', parts: makeStatusBarParts(result['transfers_by_status']) },
          { name: 'deployments', parts: makeStatusBarParts(result['deployments_by_status']) },
        ],
        attention: textsIn(result['attention']),
      }),
      running.length + stalled.length === 0
        ? null
        : drawBoard({
            title: 'At work',
            as_of: asOf,
            rows: [
              ...stalled.map((row) => ({
                name: textOrEmpty(row['name']),
                state: 'stalled' as const,
                stage: `${textOrEmpty(row['kind'])}: stands still`,
                percent: numberOrNull(row['percent']),
                eta_seconds: null,
                note:
                  typeof row['since'] === 'string'
                    ? `no change since ${formatShortMoment(row['since'])}`
                    : null,
              })),
              ...running.map((row) => ({
                name: textOrEmpty(row['name']),
                state: pictureStateOf(textOrEmpty(row['status'])),
                stage: `${textOrEmpty(row['kind'])}: ${statusLabelOf(textOrEmpty(row['status']))}`,
                percent: numberOrNull(row['percent']),
                eta_seconds: numberOrNull(row['eta_seconds']),
                note: null,
              })),
            ],
          }),
    ),
    isBusy: running.length > 0,
    refreshCall: { tool: 'summarize_estate', arguments: given },
  };
}

/**
 * Picture state of each wave stage. A machine in another stage is waiting when it has `waits_for`, else running; one that is
 * synced waits too while its cutover is to come.
 */
const STAGE_STATES: Readonly<Record<string, PictureState>> = {
  done: 'done',
  synced: 'done',
  failed: 'failed',
  refused: 'failed',
  blocked: 'failed',
  canceled: 'canceled',
  new: 'waiting',
  created: 'waiting',
  copied: 'waiting',
};

/** Words for the stages of a machine whose name in results says too little. */
const STAGE_WORDS: Readonly<Record<string, string>> = {
  new: 'not begun',
  created: 'transfer created',
  syncing: 'sync',
  final_sync: 'final sync',
  copied: 'final sync done',
  deploying: 'deployment',
  busy: 'another run',
  blocked: 'cannot be moved',
};

function machineSummary(value: unknown): string {
  const [first = '', ...others] = textsIn(value);
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function waveDrawing(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const [name = ''] = textsIn(result['waves']);
  const title = textOrEmpty(given['wave']) || name;
  // A result about many machines has no rows. It has only `exceptions`: machines grouped by what they wait for.
  const all = Array.isArray(result['rows']) ? objectsIn(result['rows']) : objectsIn(result['exceptions']);
  const rows = all.map((row): BoardPictureRow => {
    const stage = textOrEmpty(row['stage']);
    const waits = textOrEmpty(row['waits_for']);
    return {
      name: textOrEmpty(row['machine']) || machineSummary(row['machines']),
      state:
        stage === 'synced' && waits !== ''
          ? 'waiting'
          : (STAGE_STATES[stage] ?? (waits === '' ? 'running' : 'waiting')),
      stage: STAGE_WORDS[stage] ?? stage.replaceAll('_', ' '),
      percent: numberOrNull(row['percent']),
      eta_seconds: numberOrNull(row['eta_seconds']),
      note: spellOutTaskTypes(textOrEmpty(row['why'])) || waits.replaceAll('_', ' ') || null,
    };
  });
  return {
    drawing: drawBoard({ title: `Wave ${title}`, as_of: timeOfResult(result, now), rows }),
    isBusy: result['outcome'] === 'going_on',
    refreshCall: title === '' ? undefined : { tool: 'get_wave', arguments: { wave: title } },
  };
}

/** Failure of a run in words: a text, or an object with the task and its message. Null without a failure. */
function failureWords(failure: unknown): string | null {
  const parts = isObject(failure) ? [failure['task_type'], failure['message']] : [failure];
  return (
    spellOutTaskTypes(
      parts
        .map(textOrEmpty)
        .filter((part) => part !== '')
        .join(': '),
    ) || null
  );
}

/** Kind of a run in words: "minion pool" for `minion_pool`. */
const kindWords = (kind: unknown): string => textOrEmpty(kind).replaceAll('_', ' ');

/** Picture state of each outcome of a run. */
const OUTCOME_STATES: Readonly<Record<string, PictureState>> = {
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
  stalled: 'stalled',
  deleted: 'canceled',
};

function waitDrawing(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const targets = objectsIn(result['targets']);
  return {
    drawing: drawBoard({
      title: 'Runs',
      as_of: timeOfResult(result, now),
      rows: targets.map((target) => ({
        name: textOrEmpty(target['name']) || textOrEmpty(target['id']),
        state: OUTCOME_STATES[textOrEmpty(target['outcome'])] ?? 'running',
        stage: `${kindWords(target['kind'])}: ${statusLabelOf(textOrEmpty(target['status'])).toLowerCase()}`,
        percent: numberOrNull(target['percent']),
        eta_seconds: numberOrNull(target['eta_seconds']),
        note: failureWords(target['failure']),
      })),
    }),
    isBusy: result['done'] !== true,
    // A wait for migrations also starts their next steps, so it is not read-only.
    refreshCall:
      Array.isArray(given['migrations']) && given['migrations'].length > 0
        ? undefined
        : { tool: 'wait_for', arguments: { ...given, timeout_seconds: 1 } },
  };
}

function copyAgesDrawing(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  return {
    drawing: drawCopyAges({
      title: 'Age of the last usable copy',
      as_of: timeOfResult(result, now),
      rpo_seconds: numberOrNull(result['rpo_target_seconds']),
      rows: objectsIn(result['rows']).map((row) => ({
        name: textOrEmpty(row['name']),
        last_copy_age_seconds: numberOrNull(row['last_copy_age_seconds']),
        reason: textOrEmpty(row['no_copy_reason']) || null,
      })),
    }),
    isBusy: false,
    refreshCall: { tool: 'report_rpo', arguments: given },
  };
}

/** Tool call that reads a run again. A run of another kind than these is not read again. */
function readCallOf(kind: string, id: string, transfer: string): ResultDrawing['refreshCall'] {
  if (kind === 'execution')
    return { tool: 'get_execution', arguments: { transfer_id: transfer, execution_id: id } };
  return kind === 'deployment' ? { tool: 'get_deployment', arguments: { deployment_id: id } } : undefined;
}

function runDrawing(result: JsonObject, now: string): ResultDrawing {
  const [id = '', status = '', transfer = ''] = [result['id'], result['status'], result['transfer_id']].map(
    textOrEmpty,
  );
  // A wait names the kind. Of the runs that are read, only executions have a number.
  const kind =
    textOrEmpty(result['kind']) || (typeof result['number'] === 'number' ? 'execution' : 'deployment');
  const words = kindWords(kind);
  const state = OUTCOME_STATES[textOrEmpty(result['outcome'])] ?? pictureStateOf(status);
  return {
    drawing: drawBoard({
      title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
      as_of: timeOfResult(result, now),
      rows: [
        {
          name: textOrEmpty(result['name']) || machinesOf(result).join(', ') || id,
          state,
          stage: statusLabelOf(status),
          percent: numberOrNull(result['percent']),
          eta_seconds: numberOrNull(result['eta_seconds']),
          note: failureWords(result['failure']),
        },
      ],
    }),
    isBusy: state === 'running' || state === 'waiting',
    refreshCall: readCallOf(kind, id, transfer),
  };
}

/** Names of the machines of a run: its own list, else those of its tasks, because an execution that is read has no list. */
function machinesOf({ instances, running, failure }: JsonObject): readonly string[] {
  const named = textsIn(instances);
  if (named.length > 0) return named;
  const tasks = [...objectsIn(running), ...(isObject(failure) ? [failure] : [])];
  return [...new Set(tasks.map(({ instance }) => textOrEmpty(instance)))].filter((name) => name !== '');
}
