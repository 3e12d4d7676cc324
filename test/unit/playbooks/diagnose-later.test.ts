import { diagnoseDeployment, diagnoseExecution } from '../../../src/playbooks/diagnosis/diagnose-run';
import { callsAfterDiagnosis } from '../../../src/playbooks/diagnosis/next-steps';
import { diagnosisView, type Diagnosis } from '../../../src/playbooks/diagnosis/diagnosed-run';
import type { Deployment } from '../../../src/model/api-objects';
import {
  at,
  deployment,
  DEPLOYMENT,
  DEPLOYMENT_PATH,
  EXECUTION,
  EXECUTION_PATH,
  execution,
  failedTask,
  scene,
  TRANSFER,
} from './server';

/** Failures that other objects explain or have ended: what a deployment waited for, a pool, and later runs. */

describe('a deployment that never started', () => {
  const pathOfPool = '/minion_pools/pool-1';

  test('is explained by the execution it waited for', async () => {
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: deployment('ERROR', { deployer_id: EXECUTION }) }]],
      [EXECUTION_PATH]: [[0, { execution: execution('ERROR', { tasks: [failedTask('Broken pipe')] }) }]],
    });
    const diagnosis = diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT));
    expect(diagnosis).toMatchObject({
      kind: 'deployment',
      id: DEPLOYMENT,
      status: 'ERROR',
      outcome: 'failed',
      known_error: { id: 'connection-broken' },
    });
    expect(diagnosis.summary).toContain(`execution ${EXECUTION}`);
    expect(diagnosis.next_steps.at(-1)).toMatch(/execute the transfer again/);
  });

  test('although that completed was refused, and nothing says that all went well', async () => {
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: deployment('ERROR', { deployer_id: EXECUTION }) }]],
      [EXECUTION_PATH]: [[0, { execution: execution('COMPLETED') }]],
    });
    const diagnosis = diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT));
    expect(diagnosis).toMatchObject({ status: 'ERROR', outcome: 'failed', cause: null });
    expect(diagnosis.summary).toMatch(/^It never started .* the server refused to start it/);
    expect(diagnosis.summary).not.toContain('nothing failed');
    expect(diagnosis.next_steps).toEqual([expect.stringMatching(/^Deploy the transfer when no run/)]);
  });

  test('or by nothing, when that was deleted', async () => {
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: deployment('ERROR', { deployer_id: EXECUTION }) }]],
    });
    const diagnosis = diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT));
    expect(diagnosis).toMatchObject({ outcome: 'failed', cause: null });
    expect(diagnosis.summary).toMatch(/was deleted/);
  });

  test('is not failed while it is pending', async () => {
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: deployment('PENDING', { deployer_id: EXECUTION }) }]],
      [EXECUTION_PATH]: [[0, { execution: execution('RUNNING') }]],
    });
    const diagnosis = diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT));
    expect(diagnosis).toMatchObject({ status: 'PENDING', outcome: null, cause: null });
  });

  test('an execution without minions is explained by its pool', async () => {
    const event = (index: number, level: string, message: string) => ({
      id: String(index),
      index,
      level,
      message,
      created_at: at(0),
    });
    const { coriolis } = scene({
      [EXECUTION_PATH]: [[0, { execution: execution('ERROR_ALLOCATING_MINIONS') }]],
      [`/transfers/${TRANSFER}`]: [
        [
          0,
          { transfer: { id: TRANSFER, origin_minion_pool_id: null, destination_minion_pool_id: 'pool-1' } },
        ],
      ],
      [pathOfPool]: [
        [
          0,
          {
            minion_pool: {
              id: 'pool-1',
              events: [
                event(
                  1,
                  'ERROR',
                  "Failure occurred for one or more operations on minion pool 'pool-1'. Error messages were:\n Error message for task 'x': coriolis.exception.TaskProcessException: Flavor 'none' could not be found",
                ),
                event(2, 'INFO', 'Pool status reverted'),
              ],
            },
          },
        ],
      ],
    });
    expect(diagnosisView.of(await diagnoseExecution(coriolis, TRANSFER, EXECUTION))).toMatchObject({
      outcome: 'failed',
      cause: { task_type: null, message: "Flavor 'none' could not be found" },
      known_error: { id: 'flavor-not-found' },
    });
  });
});

describe('what came since', () => {
  const first = execution('ERROR', { tasks: [failedTask('Broken pipe')], updated_at: at(5) });
  const since = async (status: string): Promise<Diagnosis> => {
    const next = execution(status, { id: 'next', number: 2, created_at: at(60), updated_at: at(90) });
    const { coriolis } = scene({
      [EXECUTION_PATH]: [[0, { execution: first }]],
      [`/transfers/${TRANSFER}/executions`]: [[0, { executions: [next, first] }]],
    });
    return diagnosisView.of(await diagnoseExecution(coriolis, TRANSFER, EXECUTION));
  };

  test('a later success ends the matter', async () => {
    const { summary, next_steps } = await since('COMPLETED');
    expect(summary).toMatch(/A later execution, #2 of .*Z, has completed/);
    expect(next_steps).toEqual(['Nothing: execution next has completed since.']);
  });

  const after = async (
    ...later: ReadonlyArray<readonly [status: string, type: string]>
  ): Promise<Diagnosis> => {
    const next = later.map(([status, type], index) =>
      execution(status, {
        id: `next ${index + 2}`,
        type,
        number: index + 2,
        created_at: at(60),
        updated_at: at(90),
      }),
    );
    const { coriolis } = scene({
      [EXECUTION_PATH]: [[0, { execution: first }]],
      [`/transfers/${TRANSFER}/executions`]: [[0, { executions: [first, ...next].reverse() }]],
    });
    return diagnosisView.of(await diagnoseExecution(coriolis, TRANSFER, EXECUTION));
  };

  test.each(['transfer_update', 'transfer_disks_delete'])(
    'a later %s settles no failed sync',
    async (type) => {
      const diagnosis = await after(['COMPLETED', type]);
      expect(diagnosis).toMatchObject({ is_newest: true, completed_since: null });
      expect(diagnosis.next_steps).not.toContainEqual(expect.stringContaining('Nothing:'));
    },
  );

  test('a later success ends the matter, even when another failed after it', async () => {
    const diagnosis = await after(['COMPLETED', 'transfer_execution'], ['ERROR', 'transfer_execution']);
    expect(diagnosis).toMatchObject({ is_newest: false, completed_since: 'next 2' });
  });

  test('a later failure leaves the remedy, and is named', async () => {
    const { summary, next_steps } = await since('ERROR');
    expect(summary).toMatch(/This was #1; the newest, #2/);
    expect(next_steps.length).toBeGreaterThan(1);
  });

  test('says whether it is the newest, and what completed since', async () => {
    expect(await since('COMPLETED')).toMatchObject({ is_newest: false, completed_since: 'next' });
    expect(await since('ERROR')).toMatchObject({ is_newest: false, completed_since: null });
  });

  const failedDeployment = deployment('ERROR', {
    tasks: [failedTask('Quota exceeded for cores: Requested 2, but already used 19 of 20 cores')],
    updated_at: at(5),
  });
  const afterDeployment = async (...later: readonly Deployment[]): Promise<Diagnosis> => {
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: failedDeployment }]],
      '/deployments': [[0, { deployments: [...later, failedDeployment] }]],
    });
    return diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT));
  };
  const later = (status: string, overrides: Partial<Deployment> = {}): Deployment =>
    deployment(status, { id: `later ${status}`, created_at: at(60), updated_at: at(90), ...overrides });

  test('a later deployment that completed ends the matter, even when another failed after it', async () => {
    const diagnosis = await afterDeployment(later('ERROR', { created_at: at(120) }), later('COMPLETED'));
    expect(diagnosis).toMatchObject({ is_newest: false, completed_since: 'later COMPLETED' });
    expect(diagnosis.next_steps).toEqual(['Nothing: deployment later COMPLETED has completed since.']);
    expect(callsAfterDiagnosis(diagnosis)).toEqual([]);
  });

  test('the newest deployment is named when none completed', async () => {
    const diagnosis = await afterDeployment(later('RUNNING', { updated_at: null }));
    expect(diagnosis.summary).toMatch(/The newest deployment of this transfer, later RUNNING of .*Z, is /);
    expect(diagnosis.next_steps.length).toBeGreaterThan(1);
  });

  test('deployments of other transfers, and those that never ran, do not matter', async () => {
    const diagnosis = await afterDeployment(
      later('COMPLETED', { transfer_id: 'other' }),
      later('UNEXECUTED'),
    );
    expect(diagnosis).toMatchObject({ is_newest: true, completed_since: null });
  });
});
