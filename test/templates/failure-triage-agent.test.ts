import type { IDataObject } from 'n8n-workflow';
import { locator } from '../engine/lab';
import { agentNode, modelNode, type Agent } from './agent';
import { onStage, type Stage } from './stage';

/** The triage: facts first, then an agent that can only read; whatever the model does, the facts arrive. */

let stage: Stage;
afterEach(() => stage.stop());

const withAgent = (think: Agent) =>
  onStage('failure-triage-agent', {
    nodeTypes: {
      '@n8n/n8n-nodes-langchain.agent': agentNode(think),
      '@n8n/n8n-nodes-langchain.lmChatOpenAi': modelNode,
    },
  });

/** A failed sync, as the trigger tells of it. */
async function failedExecution(): Promise<IDataObject> {
  const transferId = locator(await stage.syncedReplicaOf('fail-replication-vm', 'ERP, nightly'));
  const [transfer] = await stage.lab.rows('transfer.get', { transferId });
  const [execution] = await stage.lab.rows('execution.getAll', { transferId });
  return {
    kind: 'execution',
    outcome: 'failed',
    execution_id: execution?.['id'],
    deployment_id: null,
    transfer_id: transferId.value,
    instances: transfer?.['instances'],
    origin_endpoint_id: transfer?.['origin_endpoint_id'],
    destination_endpoint_id: transfer?.['destination_endpoint_id'],
    finished_at: execution?.['finished_at'],
    failure: null,
  };
}

const TRIGGER = 'When something has failed';

test('the agent gets the diagnosis and tools, and its answer goes out above the facts', async () => {
  const seen: { prompt?: string; tools?: readonly string[]; answer?: unknown } = {};
  stage = await withAgent(async (prompt, tools) => {
    const { transfer_id: id } = JSON.parse(/\{.*\}/u.exec(prompt)?.[0] ?? '{}') as { transfer_id: string };
    seen.prompt = prompt;
    seen.tools = [...tools.keys()];
    seen.answer = await tools.get('Read_a_transfer')?.invoke({ transfer_id: id });
    return 'Port 902 of the ESXi host is closed.';
  });
  const event = await failedExecution();
  stage.lab.sandbox.requests.clear();

  const result = await stage.run(TRIGGER, [event]);

  expect(result.error).toBeUndefined();
  expect(seen.prompt).toContain('ESXi host refuses TCP 902');
  expect(seen.tools).toHaveLength(5);
  expect(JSON.stringify(seen.answer)).toContain('ERP, nightly');
  expect(stage.mails).toEqual([
    expect.objectContaining({ subject: 'Coriolis: execution of fail-replication-vm failed' }),
  ]);
  expect(stage.mails[0]?.text).toMatch(/^Port 902 of the ESXi host is closed\.\n\n--- Facts ---\n/u);
  expect(stage.mails[0]?.text).toContain(
    'words: The ESXi host performing the CBT export refused connection.',
  );
  expect(stage.mails[0]?.text).toContain(`execution_id: ${String(event['execution_id'])}`);
  const { entries } = stage.lab.sandbox.requests;
  expect(entries.filter(({ method, path }) => method !== 'GET' && !path.includes('/auth/tokens'))).toEqual(
    [],
  );
});

test('without an answer of the model the facts go out alone', async () => {
  stage = await withAgent(() => Promise.reject(new Error('429: too many requests')));

  const result = await stage.run(TRIGGER, [await failedExecution()]);

  expect(result.status).toBe('success');
  expect(stage.mails[0]?.text).toMatch(/^The agent gave no answer; these are the facts alone\./u);
  expect(stage.mails[0]?.text).toContain('summary: REPLICATE_DISKS of');
  expect(stage.mails[0]?.text).toContain('remedy: Open TCP 902');
});

test('a failed deployment is diagnosed as one', async () => {
  stage = await withAgent((prompt) => Promise.resolve(prompt));
  const transferId = locator(await stage.syncedReplicaOf('fail-deploy-vm', 'Shop'));
  const [deployment] = await stage.lab.rows('deployment.create', { transferId });
  const deploymentId = locator(String(deployment?.['id']));
  await stage.lab.rows('deployment.wait', { deploymentId, timeoutSeconds: 60 });

  await stage.run(TRIGGER, [
    {
      kind: 'deployment',
      outcome: 'failed',
      execution_id: null,
      deployment_id: deploymentId.value,
      transfer_id: transferId.value,
      instances: ['fail-deploy-vm'],
    },
  ]);

  expect(stage.mails[0]?.subject).toBe('Coriolis: deployment of fail-deploy-vm failed');
  expect(stage.mails[0]?.text).toContain('words: Quota exceeded for cores');
});
