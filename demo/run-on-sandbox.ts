import { withoutUndefined } from '../src/model/json';
import { startSandbox } from '../sandbox/sandbox';
import { diagnoseWithAssistant, type Diagnosis } from './diagnose-with-assistant';
import type { Screen } from './screen';
import { readDemoLogin } from './demo-login';
import { runMigrationWorkflow, type MigrationResult } from './run-migration-workflow';
import { findTriggerProblems, findMigrationProblems, type DemoResult } from './demo-result';
import { writeEstatePage } from './estate-page';
import { loginVariablesOf } from '../sandbox/login-variables';
import { prepareStage } from './stage';
import { fillTemplate, readTemplate, type WorkflowValues } from './workflow-templates';

const PROGRESS_INTERVAL_MS = 400;
/** Poll interval of the trigger. n8n itself polls at most once a minute, too slow for a demo. */
const TRIGGER_POLL_INTERVAL_MS = 3000;
const TRIGGER_TIMEOUT_MS = 30_000;

/** Values that the demo enters into the workflow: endpoints of the sandbox, and options of its OpenStack. */
const WORKFLOW_VALUES: Omit<WorkflowValues, 'instances' | 'notes'> = {
  origin: 'vcenter',
  destination: 'openstack',
  sourceEnvironment: '',
  destinationEnvironment: '{"migr_network": "private"}',
  networkMap: 'VM Network=private\nBackend=prod-net',
};
const MACHINES = ['web-01', 'web-02', 'app-01'];
const FAILING_MACHINE = { machine: 'fail-replication-vm', task: 'REPLICATE_DISKS' };

/** Runs the demo on the sandbox: moves machines, receives the events of the trigger, and diagnoses a failure. */
export async function runOnSandbox(speed: number, screen: Screen, signal: AbortSignal): Promise<DemoResult> {
  const started = Date.now();
  const sandbox = await startSandbox({ speed });
  try {
    const environment = loginVariablesOf(sandbox.connection);
    const login = await readDemoLogin(environment);
    const intervals = { progress: PROGRESS_INTERVAL_MS, trigger: TRIGGER_POLL_INTERVAL_MS };
    const { stage, trigger } = await prepareStage(login, screen, intervals, signal);

    const template = readTemplate('migrate-a-vm');
    const run = (title: string, instances: readonly string[], notes: string): Promise<MigrationResult> =>
      runMigrationWorkflow(stage, title, fillTemplate(template, { ...WORKFLOW_VALUES, instances, notes }));
    const [migration, failure] = await Promise.all([
      run('Three machines', MACHINES, 'Demo: three machines'),
      run('One that is bound to fail', [FAILING_MACHINE.machine], 'Demo: bound to fail'),
    ]);
    const ids = [migration.execution, migration.deployment, failure.execution].flatMap(
      (end) => end?.id ?? [],
    );
    await trigger.pollUntilFired(ids, TRIGGER_TIMEOUT_MS, TRIGGER_POLL_INTERVAL_MS / 3);

    const diagnosis = await diagnose(environment, failure, screen, signal);
    const page = await writeEstatePage(stage.coriolis);
    const firing = {
      execution: trigger.countEvents(migration.execution?.id),
      deployment: trigger.countEvents(migration.deployment?.id),
      failedExecution: trigger.countEvents(failure.execution?.id),
      polls: trigger.pollCount,
    };
    const problems = [
      ...findMigrationProblems(migration),
      ...(failure.execution?.outcome === 'failed'
        ? []
        : [`${FAILING_MACHINE.machine} was bound to fail, and did not`]),
      ...findTriggerProblems('execution', firing.execution),
      ...findTriggerProblems('deployment', firing.deployment),
      ...findTriggerProblems('failed execution', firing.failedExecution),
      ...(diagnosis?.task === FAILING_MACHINE.task
        ? []
        : [`The diagnosis named ${diagnosis?.task || 'no task'} instead of ${FAILING_MACHINE.task}`]),
    ];
    return {
      mode: 'sandbox',
      ok: problems.length === 0,
      problems,
      seconds: Math.round((Date.now() - started) / 1000),
      migration,
      failure,
      trigger: firing,
      page,
      ...withoutUndefined({ diagnosis }),
    };
  } finally {
    await sandbox.stop();
  }
}

async function diagnose(
  environment: Readonly<Record<string, string>>,
  { transferId, execution, instances }: MigrationResult,
  screen: Screen,
  signal: AbortSignal,
): Promise<Diagnosis | undefined> {
  if (transferId === null || execution === null) return undefined;
  screen.writeLine(`An MCP client asks why ${instances.join(', ')} failed`);
  return await diagnoseWithAssistant(environment, { transferId, executionId: execution.id }, signal);
}
