import { isObject, type JsonObject } from '../../../src/model/json';
import { statusLabel } from '../../../src/model/status';
import { drawBoard, type BoardRow } from '../../../src/pictures/board';
import { drawCopyAges } from '../../../src/pictures/copy-age';
import { drawEstate } from '../../../src/pictures/estate';
import { joinMarkup, type Markup } from '../../../src/pictures/svg-html';
import type { PictureState } from '../../../src/pictures/state';
import { statusBarParts, pictureStateOf } from '../../../src/playbooks/report/status-bar';

/** Picture of a tool result. */
export interface ResultDrawing {
  readonly drawing: Markup;
  /** Whether work is running, so that the result is refreshed. */
  readonly isBusy: boolean;
  /** Tool call that reads the same data again; undefined when no read-only tool can. */
  readonly refresh: { readonly tool: string; readonly arguments: JsonObject } | undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const rowsOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(textOf) : []);
/** Time of a result: its `as_of`, else `now`. ISO 8601. */
const momentOf = (result: JsonObject, now: string): string => textOf(result['as_of']) || now;

/**
 * Draws a tool result: an estate, a wave, a wait, the ages of copies, or a run. Undefined for other results.
 *
 * @param given arguments of the call
 * @param now time for results without `as_of`, ISO 8601
 */
export function drawResult(result: JsonObject, given: JsonObject, now: string): ResultDrawing | undefined {
  if (isObject(result['transfers_by_status'])) return estate(result, given, now);
  if (Array.isArray(result['waves']) && typeof result['goal'] === 'string') return wave(result, given, now);
  if (Array.isArray(result['targets'])) return waited(result, given, now);
  if (typeof result['rpo_target_seconds'] === 'number') return copies(result, given, now);
  if (typeof result['status'] === 'string' && typeof result['id'] === 'string') return run(result, now);
  return undefined;
}

function estate(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const stalled = rowsOf(result['stalled']);
  const running = rowsOf(result['running']);
  const asOf = momentOf(result, now);
  return {
    drawing: joinMarkup(
      drawEstate({
        title: 'Estate',
        as_of: asOf,
        groups: [
          { name: 'transfers', parts: statusBarParts(result['transfers_by_status']) },
          { name: 'deployments', parts: statusBarParts(result['deployments_by_status']) },
        ],
        attention: textsOf(result['attention']),
      }),
      running.length + stalled.length === 0
        ? null
        : drawBoard({
            title: 'At work',
            as_of: asOf,
            rows: [
              ...stalled.map((row) => ({
                name: textOf(row['name']),
                state: 'waiting' as const,
                stage: `${textOf(row['kind'])}: stands still`,
                percent: numberOf(row['percent']),
                eta_seconds: null,
                note: `no change since ${textOf(row['since'])}`,
              })),
              ...running.map((row) => ({
                name: textOf(row['name']),
                state: pictureStateOf(textOf(row['status'])),
                stage: `${textOf(row['kind'])}: ${statusLabel(textOf(row['status']))}`,
                percent: numberOf(row['percent']),
                eta_seconds: numberOf(row['eta_seconds']),
                note: null,
              })),
            ],
          }),
    ),
    isBusy: running.length > 0,
    refresh: { tool: 'summarize_estate', arguments: given },
  };
}

/** Picture state of each wave stage. A machine in another stage is waiting when it has `waits_for`, else running. */
const STAGES: Readonly<Record<string, PictureState>> = {
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

function machinesOf(value: unknown): string {
  const [first = '', ...others] = textsOf(value);
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function wave(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const [name = ''] = textsOf(result['waves']);
  const title = textOf(given['wave']) || name;
  // Results about many machines have no rows, only the reasons to wait.
  const all = Array.isArray(result['rows']) ? rowsOf(result['rows']) : rowsOf(result['exceptions']);
  const rows = all.map((row): BoardRow => {
    const stage = textOf(row['stage']);
    const waits = textOf(row['waits_for']);
    return {
      name: textOf(row['machine']) || machinesOf(row['machines']),
      state: STAGES[stage] ?? (waits === '' ? 'running' : 'waiting'),
      stage: stage.replaceAll('_', ' '),
      percent: numberOf(row['percent']),
      eta_seconds: numberOf(row['eta_seconds']),
      note: textOf(row['why']) || waits.replaceAll('_', ' ') || null,
    };
  });
  return {
    drawing: drawBoard({ title: `Wave ${title}`, as_of: momentOf(result, now), rows }),
    isBusy: result['outcome'] === 'going_on',
    refresh: title === '' ? undefined : { tool: 'get_wave', arguments: { wave: title } },
  };
}

/** Picture state of each outcome of a run. */
const OUTCOMES: Readonly<Record<string, PictureState>> = {
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
  stalled: 'stalled',
  deleted: 'canceled',
};

function waited(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  const targets = rowsOf(result['targets']);
  return {
    drawing: drawBoard({
      title: 'Runs',
      as_of: momentOf(result, now),
      rows: targets.map((target) => ({
        name: `${textOf(target['kind']).replaceAll('_', ' ')} ${textOf(target['id'])}`,
        state: OUTCOMES[textOf(target['outcome'])] ?? 'running',
        stage: statusLabel(textOf(target['status'])),
        percent: numberOf(target['percent']),
        eta_seconds: numberOf(target['eta_seconds']),
        note: textOf(target['failure']) || null,
      })),
    }),
    isBusy: result['done'] !== true,
    // A wait for migrations also starts their next steps, so it is not read-only.
    refresh:
      Array.isArray(given['migrations']) && given['migrations'].length > 0
        ? undefined
        : { tool: 'wait_for', arguments: { ...given, timeout_seconds: 1 } },
  };
}

function copies(result: JsonObject, given: JsonObject, now: string): ResultDrawing {
  return {
    drawing: drawCopyAges({
      title: 'Age of the last usable copy',
      as_of: momentOf(result, now),
      rpo_seconds: numberOf(result['rpo_target_seconds']),
      rows: rowsOf(result['rows']).map((row) => ({
        name: textOf(row['name']),
        last_copy_age_seconds: numberOf(row['last_copy_age_seconds']),
        reason: textOf(row['no_copy_reason']) || null,
      })),
    }),
    isBusy: false,
    refresh: { tool: 'report_rpo', arguments: given },
  };
}

function run(result: JsonObject, now: string): ResultDrawing {
  const [id, status, transfer] = [result['id'], result['status'], result['transfer_id']].map(textOf);
  const state = OUTCOMES[textOf(result['outcome'])] ?? pictureStateOf(status ?? '');
  return {
    drawing: drawBoard({
      title: textOf(transfer) === '' ? 'Deployment' : 'Execution',
      as_of: momentOf(result, now),
      rows: [
        {
          name: textsOf(result['instances']).join(', ') || (id ?? ''),
          state,
          stage: statusLabel(status ?? ''),
          percent: numberOf(result['percent']),
          eta_seconds: numberOf(result['eta_seconds']),
          note: null,
        },
      ],
    }),
    isBusy: state === 'running' || state === 'waiting',
    refresh:
      textOf(transfer) === ''
        ? undefined
        : { tool: 'get_execution', arguments: { transfer_id: transfer, execution_id: id } },
  };
}
