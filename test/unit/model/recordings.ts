import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment, Execution } from '../../../src/model/api-objects';
import series from '../../fixtures/progress/series-copying-two-disks.json';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../fixtures/recordings/current', `${name}.json`), 'utf8'));

interface Body {
  readonly execution?: Execution;
  readonly deployment?: Deployment;
}

function runOf(body: Body): Execution | Deployment {
  const run = body.execution ?? body.deployment;
  if (run === undefined) throw new Error('The recording shows no run');
  return run;
}

/** The run that a recorded answer shows: "execution-show-error". */
export const recordedRun = (name: string): Execution | Deployment =>
  runOf((read(name) as { readonly response: { readonly body: Body } }).response.body);

interface Series {
  readonly samples: ReadonlyArray<{ readonly t_ms: number; readonly body: Body }>;
}

/** One look of a poller: milliseconds since it began, and the run. */
export interface Look {
  readonly at: number;
  readonly run: Execution | Deployment;
}

const looks = ({ samples }: Series): readonly Look[] =>
  samples.map(({ t_ms, body }) => ({ at: t_ms, run: runOf(body) }));

/** What a recorded poller saw whenever a status changed. */
export const recordedSeries = (name: string): readonly Look[] => looks(read(name) as Series);

/** Every look of the recorded poller while two disks were copied, one after the other. */
export const copyingTwoDisks = looks(series);
