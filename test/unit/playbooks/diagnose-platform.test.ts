import { diagnoseDeployment, diagnoseExecution } from '../../../src/playbooks/diagnosis/diagnose-run';
import { diagnosisView } from '../../../src/playbooks/diagnosis/diagnosed-run';
import {
  deployment,
  DEPLOYMENT,
  DEPLOYMENT_PATH,
  execution,
  EXECUTION,
  EXECUTION_PATH,
  failedTask,
  scene,
  TRANSFER,
  TRANSFER_PATH,
  transferOfOneDisk,
} from './server';

/** Remedies fit the platforms of the endpoints, as far as these can be read. */

/** The list of both endpoints; 403 for one of them where nobody may read them. */
const endpoints = (source: string | 403, destination: string | 403) => [
  [
    0,
    source === 403 || destination === 403
      ? 403
      : {
          endpoints: [
            { id: 'o', name: 'o', type: source },
            { id: 'd', name: 'd', type: destination },
          ],
        },
  ] as const,
];

/** The diagnosis of an execution that failed with a text, between two platforms; 403 for endpoints nobody may read. */
async function ofExecution(text: string, source: string | 403, destination: string | 403) {
  const failedRun = execution('ERROR', { tasks: [failedTask(text)] });
  const { coriolis, requests } = scene({
    [EXECUTION_PATH]: [[0, { execution: failedRun }]],
    [TRANSFER_PATH]: [
      [
        0,
        {
          transfer: { ...transferOfOneDisk.transfer, origin_endpoint_id: 'o', destination_endpoint_id: 'd' },
        },
      ],
    ],
    [`${TRANSFER_PATH}/executions`]: [[0, { executions: [failedRun] }]],
    '/endpoints': endpoints(source, destination),
  });
  const { known_error: known } = diagnosisView.of(await diagnoseExecution(coriolis, TRANSFER, EXECUTION));
  return { known, asked: requests.filter(({ path }) => path.startsWith('/endpoints')).length };
}

const DNS = 'Failed to resolve: Name or service not known';
const CBT = 'Changed Block Tracking must be enabled';

test('name ESXi hosts where one of the platforms is VMware', async () => {
  for (const [source, destination] of [
    ['vmware_vsphere', 'openstack'],
    ['aws', 'lab_vsphere'],
  ] as const) {
    const { known } = await ofExecution(DNS, source, destination);
    expect(known).toMatchObject({
      id: 'dns-failure',
      remedy: expect.stringContaining('ESXi'),
      document: expect.stringContaining('vmware-plugin-known-issues.md'),
    });
  }
});

test.each([
  ['other platforms', 'azure', 'openstack'],
  ['endpoints that nobody may read', 403, 'openstack'],
] as const)('name no platform between %s', async (_what, source, destination) => {
  const { known } = await ofExecution(DNS, source, destination);
  expect(known).toMatchObject({ id: 'dns-failure', document: null });
  expect(JSON.stringify(known)).not.toMatch(/VMware|ESXi|vCenter/u);
});

test('an error of VMware is none between other platforms, and stays one where nobody knows', async () => {
  expect((await ofExecution(CBT, 'hyperv', 'openstack')).known).toBeNull();
  expect((await ofExecution(CBT, 'vmware_vsphere', 'openstack')).known).toMatchObject({
    id: 'cbt-not-active',
  });
  expect((await ofExecution(CBT, 403, 403)).known).toMatchObject({ id: 'cbt-not-active' });
});

test('the next error that matches counts where the first is one of another platform', async () => {
  const both = 'Failed to connect to server esxi-07:902: Connection refused';
  expect((await ofExecution(both, 'vmware_vsphere', 'aws')).known?.id).toBe('esxi-refused-902');
  expect((await ofExecution(both, 'openstack', 'aws')).known?.id).toBe('endpoint-unreachable');
});

test('endpoints are only asked for where that matters', async () => {
  expect((await ofExecution('Connection refused', 'vmware_vsphere', 'openstack')).asked).toBe(0);
  expect((await ofExecution(DNS, 'vmware_vsphere', 'openstack')).asked).toBe(1);
});

test('a deployment has the options of its destination', async () => {
  const ofDeployment = async (type: string) => {
    const task = failedTask("Image 'worker' could not be found", {
      task_type: 'DEPLOY_OS_MORPHING_RESOURCES',
    });
    const { coriolis } = scene({
      [DEPLOYMENT_PATH]: [[0, { deployment: deployment('ERROR', { tasks: [task] }) }]],
      '/deployments': [[0, { deployments: [] }]],
      '/endpoints': endpoints('vmware_vsphere', type),
    });
    return diagnosisView.of(await diagnoseDeployment(coriolis, DEPLOYMENT)).known_error;
  };
  expect(await ofDeployment('openstack')).toMatchObject({
    remedy: expect.stringContaining('migr_image_map'),
  });
  expect(await ofDeployment('proxmox')).toMatchObject({
    id: 'worker-image-unsuitable',
    remedy: expect.not.stringContaining('migr_image_map'),
  });
});
