import { createInterface } from 'node:readline/promises';
import type { Coriolis } from '../src/api/operation-context';
import { quoteText } from '../src/model/untrusted-text';
import { diagnoseWithAssistant } from './diagnose-with-assistant';
import type { Screen } from './screen';
import { fetchRealServerEstate, waitForRunningWork } from './real-server-estate';
import { readDemoLogin, type DemoLogin } from './demo-login';
import { runMigrationWorkflow } from './run-migration-workflow';
import { UsageError } from '../command-line/flags';
import type { DemoOptions, MigrationOptions } from './demo-options';
import { findTriggerProblems, findMigrationProblems, type DemoResult } from './demo-result';
import { writeEstatePage } from './estate-page';
import { prepareStage } from './stage';
import { fillTemplate, readTemplate } from './workflow-templates';

const PROGRESS_INTERVAL_MS = 5000;
const TRIGGER_POLL_INTERVAL_MS = 60_000;
const TRIGGER_TIMEOUT_MS = 150_000;

/** Runs the demo against the Coriolis server that environment variables name. Only reads, unless `--write` is given. */
export async function runOnRealServer(
  options: DemoOptions,
  screenFor: (heading: string) => Screen,
  signal: AbortSignal,
): Promise<DemoResult> {
  const login = await readDemoLogin(process.env);
  const { projectName, userName } = await login.session.fetchToken(signal);
  const endpoint = await login.session.fetchCoriolisAddress(signal);
  const where = `${hostOf(endpoint)}, project ${quoteText(projectName, 60)}, as ${quoteText(userName, 60)}`;
  if (options.migration === undefined) {
    const screen = screenFor(`Looking at Coriolis (${where}); nothing is changed`);
    try {
      return await readOnlyRun(login, projectName, options.maxWaitSeconds, screen, signal);
    } finally {
      screen.close();
    }
  }
  if (!options.yes) await confirm(options.migration, where, signal);
  const screen = screenFor(`Moving machines with the n8n workflow “Migrate a VM” (${where})`);
  try {
    return await migrationRun(login, options.migration, screen, signal);
  } finally {
    screen.close();
  }
}

const hostOf = (url: string): string => new URL(url).host;
const secondsSince = (started: number): number => Math.round((Date.now() - started) / 1000);

async function readOnlyRun(
  login: DemoLogin,
  project: string,
  patience: number,
  screen: Screen,
  signal: AbortSignal,
): Promise<DemoResult> {
  const started = Date.now();
  const coriolis: Coriolis = login.createOperationContext(signal);
  const seen = await fetchRealServerEstate(coriolis, screen);
  const waited = await waitForRunningWork(coriolis, seen, patience, screen);
  const problems = [
    ...seen.endpoints
      .filter(({ valid }) => !valid)
      .map(({ name, message }) => `Coriolis cannot connect to ${name}: ${message ?? 'no reason given'}`),
    ...waited
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'stalled')
      .map(({ name, outcome }) => `${name}: ${outcome}`),
  ];
  return {
    mode: 'real, read-only',
    ok: problems.length === 0,
    problems,
    seconds: secondsSince(started),
    page: await writeEstatePage(coriolis),
    estate: {
      project: quoteText(project, 60),
      endpoints: seen.endpoints,
      transfers: seen.transfers,
      newest: seen.newest,
      waited,
    },
  };
}

/**
 * Asks on the terminal before anything is changed.
 * @throws {UsageError} nobody can be asked, or the answer is not yes
 */
async function confirm(migration: MigrationOptions, where: string, signal: AbortSignal): Promise<void> {
  const { origin, destination, instances } = migration;
  const plan = `This creates a transfer of ${instances.join(', ')} from ${origin} to ${destination}
(${where}), copies the disks, and starts the machines on the destination.
The machines on the source keep running. Nothing is deleted afterwards.`;
  if (!process.stdin.isTTY) throw new UsageError(`${plan}\n\nAdd --yes to start it without being asked`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${plan}\n\nType yes to start: `, { signal });
    if (answer.trim().toLowerCase() !== 'yes') throw new UsageError('Nothing was started');
  } finally {
    prompt.close();
  }
}

async function migrationRun(
  login: DemoLogin,
  migration: MigrationOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<DemoResult> {
  const started = Date.now();
  const intervals = { progress: PROGRESS_INTERVAL_MS, trigger: TRIGGER_POLL_INTERVAL_MS };
  const { stage, trigger } = await prepareStage(login, screen, intervals, signal);
  const result = await runMigrationWorkflow(
    stage,
    migration.instances.join(', '),
    fillTemplate(readTemplate('migrate-a-vm'), { ...migration, notes: 'Migrated by the demo' }),
  );
  const { transferId, execution, deployment } = result;
  const ids = [execution, deployment].flatMap((end) => end?.id ?? []);
  await trigger.pollUntilFired(ids, TRIGGER_TIMEOUT_MS, TRIGGER_POLL_INTERVAL_MS / 20);
  const firing = {
    execution: trigger.countEvents(execution?.id),
    deployment: trigger.countEvents(deployment?.id),
    failedExecution: null,
    polls: trigger.pollCount,
  };
  const problems = [
    ...findMigrationProblems(result),
    ...(execution === null ? [] : findTriggerProblems('execution', firing.execution)),
    ...(deployment === null ? [] : findTriggerProblems('deployment', firing.deployment)),
  ];
  const diagnosis =
    transferId !== null && execution?.outcome === 'failed'
      ? await diagnoseWithAssistant(login.environment, { transferId, executionId: execution.id }, signal)
      : undefined;
  return {
    mode: 'real, write',
    ok: problems.length === 0,
    problems,
    seconds: secondsSince(started),
    migration: result,
    trigger: firing,
    ...(diagnosis === undefined ? {} : { diagnosis, failure: result }),
  };
}
