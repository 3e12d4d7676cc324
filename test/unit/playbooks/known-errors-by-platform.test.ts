import { surveyEstate } from '../../../src/playbooks/survey-estate';
import { estateSummaryView } from '../../../src/playbooks/estate-summary';
import { findStepToRetry } from '../../../src/playbooks/wave/step-retry';
import { makeRunWaitTarget } from '../../../src/waiting/run-wait-target';
import { waitForCompletion } from '../../../src/waiting/wait-for-completion';
import {
  at,
  execution,
  EXECUTION,
  EXECUTION_PATH,
  failedTask,
  scene,
  TRANSFER,
  TRANSFER_PATH,
} from './server';

/** All that explain a failure find the error that its platforms can have: waits, estate and waves as the diagnosis. */

/** Matches an entry of VMware that a retry may end, and after it an entry of all platforms that needs a fix. */
const TEXT = 'NFC connection closed, needed 8 bytes: Connection refused';

const transfer = {
  id: TRANSFER,
  instances: ['db-01'],
  origin_endpoint_id: 'o',
  destination_endpoint_id: 'd',
  scenario: 'replica',
  notes: 'nightly',
  last_execution_status: 'ERROR',
  source_environment: null,
  destination_environment: null,
  network_map: null,
  storage_mappings: null,
  created_at: at(0),
  updated_at: at(5),
  deleted_at: null,
};

const failed = execution('ERROR', { tasks: [failedTask(TEXT)], updated_at: at(5) });

/** A server with one failed sync from this platform; 403 when nobody may read the endpoints. */
const failedSyncFrom = (platform: string | 403) =>
  scene({
    [EXECUTION_PATH]: [[0, { execution: failed }]],
    [TRANSFER_PATH]: [[0, { transfer }]],
    [`${TRANSFER_PATH}/executions`]: [[0, { executions: [failed] }]],
    '/transfers': [[0, { transfers: [transfer] }]],
    '/deployments': [[0, { deployments: [] }]],
    '/services': [[0, { services: [] }]],
    '/minion_pools': [[0, { minion_pools: [] }]],
    '/endpoints': [
      [
        0,
        platform === 403
          ? 403
          : { endpoints: [platform, 'openstack'].map((type, i) => ({ id: 'od'[i], name: 'n', type })) },
      ],
    ],
  }).coriolis;

/** The words that each gives about a failed sync from this platform. */
async function told(platform: string | 403) {
  const coriolis = failedSyncFrom(platform);
  const target = makeRunWaitTarget({ kind: 'execution', transferId: TRANSFER, executionId: EXECUTION });
  const wait: unknown = await waitForCompletion(coriolis, target, {
    timeoutSeconds: 60,
    stallSeconds: 60,
  }).catch((error: unknown) => error);
  const survey = await surveyEstate(coriolis, { hours: 24, rows: 5 });
  const step = { do: 'failed', at: 'sync', attempts: 1, run: failed };
  const retry = await findStepToRetry(
    coriolis,
    { transfer, position: { step } } as unknown as Parameters<typeof findStepToRetry>[1],
    { retries: 1, failedBefore: undefined },
  );
  return {
    wait: (wait as { advice?: string }).advice,
    estate: estateSummaryView.of(survey).failed[0]?.cause,
    retry: retry?.step,
  };
}

test.each([['vmware_vsphere'], [403]] as const)(
  'from %s the error of VMware, which a retry may end',
  async (platform) => {
    expect(await told(platform)).toEqual({
      wait: expect.stringContaining('ESXi host'),
      estate: 'REPLICATE_DISKS: Connection to the ESXi host lost',
      retry: 'sync',
    });
  },
);

test('from another platform the next error that matches, which needs a fix', async () => {
  const { wait, estate, retry } = await told('aws');
  expect(wait).toMatch(/^Likely cause: .*Then start it again\.$/u);
  expect(`${wait} ${estate}`).not.toMatch(/ESXi/u);
  expect(estate).toMatch(/^REPLICATE_DISKS: (?!NFC)/u);
  expect(retry).toBeUndefined();
});
