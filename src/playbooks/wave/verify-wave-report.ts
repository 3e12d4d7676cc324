import type { Coriolis } from '../../api/operation-context';
import { toCanonicalJson } from '../../model/canonical-json';
import { isObject, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { parseServerTime } from '../../model/timestamps';
import { parseWaveNote } from '../../model/wave-note';
import {
  readGivenReport,
  makeReportVerification,
  type ReportVerification,
} from '../report/report-verification';
import { fetchWave, type WaveState } from './fetch-wave';
import { computeMachineState, type WaveMachine } from './machine-state';
import { fetchTransferIndex } from './transfer-index';
import {
  reportedMachine,
  reportedStepsOf,
  totalsOf,
  type ReportedMachine,
  type ReportedStep,
} from './wave-report';

/** Parts of a given report that are compared with the server. */
interface ToldReport {
  readonly wave: string;
  /** Time of the report, milliseconds since 1970; null when it has none. */
  readonly madeAt: number | null;
  readonly machines: readonly JsonObject[];
  readonly steps: readonly JsonObject[];
  readonly totals: unknown;
}

/**
 * Verifies the report of a wave: its parts against the hashes in its manifest, its steps and figures against the server,
 * and its HTML page against the hash embedded in the page (its seal). Reads only.
 *
 * @param given a report, the result of the operation that made it (`report` and `html`), or `html` alone
 */
export async function verifyWaveReport(coriolis: Coriolis, given: JsonObject): Promise<ReportVerification> {
  const { report, offlineDifferences } = readGivenReport(given);
  if (report === undefined) return makeReportVerification(offlineDifferences);
  const { wave: name, made_at: madeAt, totals } = report;
  if (typeof name !== 'string') return makeReportVerification([...offlineDifferences, 'it names no wave']);
  const told: ToldReport = {
    wave: name,
    madeAt: typeof madeAt === 'string' ? parseServerTime(madeAt) : null,
    machines: rowsOf(report['machines']),
    steps: rowsOf(report['steps']),
    totals,
  };
  const wave = await fetchWaveOf(coriolis, told);
  const machines = wave?.machines ?? [];
  const differences = [
    ...ofSteps(told, machines),
    ...(wave === undefined ? [] : ofMachines(told, wave)),
    ...ofMissing(told, machines),
  ];
  // Machines and steps are compared first: the totals are made from them.
  const ofAll = differences.length === 0 ? ofTotals(told) : [];
  return makeReportVerification([...offlineDifferences, ...differences, ...ofAll]);
}

const rowsOf = (part: unknown): readonly JsonObject[] => (Array.isArray(part) ? part : []).filter(isObject);

/** Reads the wave of a report with the transfers that it adopted; undefined when the server has nothing of it. */
async function fetchWaveOf(
  coriolis: Coriolis,
  { wave, machines }: ToldReport,
): Promise<WaveState | undefined> {
  const transfers = await fetchTransferIndex(coriolis);
  const adopted = machines.flatMap(({ transfer_id: id }) => {
    const transfer = typeof id === 'string' ? transfers.byId(id) : undefined;
    return transfer === undefined || parseWaveNote(transfer.notes)?.waveNote.wave === wave
      ? []
      : [transfer.id];
  });
  const isKnown = adopted.length > 0 || transfers.ofWave(wave).length > 0;
  return isKnown ? await fetchWave(coriolis, wave, { goal: 'cut_over', adopted }) : undefined;
}

/** Keys whose values differ in a part of the report and the same part made anew. */
const differentKeys = (told: JsonObject, now: ReportedMachine | ReportedStep): readonly string[] => {
  const made = redact(now) as JsonObject;
  return [...new Set([...Object.keys(made), ...Object.keys(told)])].filter(
    (name) => toCanonicalJson(told[name]) !== toCanonicalJson(made[name]),
  );
};

const nameOfStep = ({ step, id, machine }: JsonObject | ReportedStep): string =>
  `${String(step)} ${String(id)} of "${String(machine)}"`;

/** Whether the report tells a step as running. */
const isToldAsRunning = ({ outcome }: JsonObject): boolean => outcome === null;

/**
 * Whether a step had ended before the report was made. Times are whole seconds, so what ended in the same second may have
 * been running still.
 */
const hadEnded = ({ ended_at: ended }: ReportedStep, madeAt: number | null): boolean =>
  madeAt !== null && (parseServerTime(ended) ?? Infinity) < madeAt;

/** Steps of the report that the server has not, or has otherwise. */
function ofSteps({ steps: told, madeAt }: ToldReport, machines: readonly WaveMachine[]): readonly string[] {
  const steps = new Map(machines.flatMap(reportedStepsOf).map((step) => [step.id, step]));
  const seen = new Set<unknown>();
  return told.flatMap((step) => {
    const now = steps.get(String(step['id']));
    const what = nameOfStep(step);
    if (now === undefined) return [`${what} is not on the server`];
    if (seen.has(now.id)) return [`${what} is told twice`];
    seen.add(now.id);
    // It may have ended since the report was made, so its end is not compared then.
    if (isToldAsRunning(step) && !hadEnded(now, madeAt)) return [];
    const keys = differentKeys(step, now);
    return keys.length === 0 ? [] : [`${what} differs on the server: ${keys.join(', ')}`];
  });
}

/** Machines whose figures do not follow from the steps that the report tells. */
function ofMachines({ machines, steps, madeAt }: ToldReport, wave: WaveState): readonly string[] {
  const byTransfer = new Map(wave.machines.map((one) => [one.transfer?.id, one]));
  const ids = new Set(steps.map(({ id }) => String(id)));
  const running = new Set(steps.filter(isToldAsRunning).map(({ id }) => String(id)));
  return machines.flatMap((told) => {
    const id = told['transfer_id'];
    const now = typeof id === 'string' ? byTransfer.get(id) : undefined;
    // A machine without a transfer comes from the plan, and its steps tell of a transfer that is gone.
    if (now === undefined) return [];
    const runs = [...now.executions, ...now.deployments];
    if (runs.some((run) => running.has(run.id))) return [];
    const keys = differentKeys(told, reportedMachine(machineWithRuns(now, wave, ids, madeAt)));
    return keys.length === 0
      ? []
      : [`"${String(told['machine'])}" differs on the server: ${keys.join(', ')}`];
  });
}

/** State of a machine when it had only the runs with these ids, at the time of the report. */
function machineWithRuns(
  { row, transfer, executions, deployments }: WaveMachine,
  { snapshot }: WaveState,
  ids: ReadonlySet<string>,
  madeAt: number | null,
): WaveMachine {
  const isTold = ({ id }: { readonly id: string }): boolean => ids.has(id);
  const runs = { executions: executions.filter(isTold), deployments: deployments.filter(isTold) };
  return computeMachineState(
    row,
    { ...snapshot, now: madeAt ?? snapshot.now, runs: new Map([[transfer?.id ?? '', runs]]) },
    { goal: 'cut_over', scheduled: () => null },
  );
}

/**
 * Steps that had ended before the report was made, and machines with such steps, that the report leaves out.
 */
function ofMissing(
  { steps, machines: told, madeAt }: ToldReport,
  machines: readonly WaveMachine[],
): readonly string[] {
  if (madeAt === null) return ['it does not tell when it was made'];
  const ids = new Set(steps.map(({ id }) => id));
  const transfers = new Set(told.map(({ transfer_id: id }) => id));
  return machines.flatMap((machine) => {
    const past = reportedStepsOf(machine).filter((step) => hadEnded(step, madeAt));
    return [
      ...(past.length > 0 && !transfers.has(machine.transfer?.id)
        ? [`"${machine.row.name}" is missing from the report`]
        : []),
      ...past
        .filter(({ id }) => !ids.has(id))
        .map((step) => `${nameOfStep(step)} is missing from the report`),
    ];
  });
}

/** Totals that do not follow from the machines and steps of the report, which agree with the server. */
function ofTotals({ machines, steps, totals }: ToldReport): readonly string[] {
  const right = totalsOf(
    machines as unknown as readonly ReportedMachine[],
    steps as unknown as readonly ReportedStep[],
  );
  return toCanonicalJson(right) === toCanonicalJson(totals)
    ? []
    : ['the totals differ from the machines and steps'];
}
