import { randomUUID } from 'node:crypto';
import type { SandboxConnection, Sandbox } from '../../sandbox/sandbox';
import {
  makeN8nClient,
  type CredentialRef,
  type N8nClient,
  type N8nSession,
  type WorkflowFile,
  type WorkflowNode,
} from '../../tools/n8n/n8n-client';
import { connect, one } from '../support/coriolis';
import { until } from '../support/until';
import { installN8n } from '../../tools/n8n/install-n8n';

/** What `npm run test:e2e` prepares for all tests. */
export interface Shared {
  /** The folder with the unpacked package under test. */
  readonly packed: string;
  /** An n8n of the current release that nobody stops; `sharedN8n` says what a test may do in it. */
  readonly n8n: { readonly url: string; readonly session: N8nSession };
  readonly sandbox: SandboxConnection;
  /** Logs in to that sandbox from that n8n. */
  readonly credential: CredentialRef;
}

export function shared(): Shared {
  const text = process.env['E2E_SHARED'];
  if (text === undefined)
    throw new Error('Start these tests with `npm run test:e2e [-- arguments for jest]`');
  return JSON.parse(text) as Shared;
}

/**
 * What a test may do in the n8n that the tests share: add and run workflows, and publish those that begin with a webhook of
 * a random address. Whatever changes what others see needs an n8n of its own: another credential of Coriolis, because the
 * editor gives a new node the newest one; triggers that poll; a stop.
 */
export type SharedN8nClient = Omit<N8nClient, 'addCredential' | 'setUp'>;

/** The n8n that the tests share, with its owner logged in. */
export async function sharedN8n(): Promise<Shared & { readonly client: SharedN8nClient }> {
  const given = shared();
  return {
    ...given,
    client: makeN8nClient(given.n8n.url, await installN8n('current'), given.n8n.session),
  };
}

/** Limits for waiting on n8n. */
export const N8N_PACE = { timeoutMs: 600_000, pauseMs: 250 };

/** What a trigger has told a workflow so far: the keys of the events, one for each time it was told. */
export async function told(client: N8nClient, workflow: string, trigger: string): Promise<string[]> {
  const keys: string[] = [];
  for (const { id, mode } of await client.fetchExecutions(workflow)) {
    if (mode !== 'trigger') continue;
    const execution = await client.fetchExecution(id);
    keys.push(...execution.rows(trigger).map(({ key }) => String(key)));
  }
  return keys.sort();
}

/**
 * Waits until a poll of the trigger begins after this call.
 * @param cause what makes n8n poll at once, such as publishing; otherwise the next moment of polling does
 */
export async function pollBegins({ requests }: Sandbox, cause?: () => Promise<void>): Promise<void> {
  const latest = () =>
    requests.entries
      .filter(
        ({ path }) =>
          path.includes('/transfers?show_deleted=true&sort_key=updated_at') && !path.includes('marker='),
      )
      .at(-1);
  const before = latest();
  await cause?.();
  await until('a poll', latest, (entry) => entry !== undefined && entry !== before, N8N_PACE);
}

/** Waits until a poll that begins after this call has come and gone: until another has begun after it. */
export async function nextPoll(sandbox: Sandbox, cause?: () => Promise<void>): Promise<void> {
  await pollBegins(sandbox, cause);
  await pollBegins(sandbox);
}

/** Copies a machine to the end of the execution, past n8n, and returns the execution's id, which is the key of its event. */
export async function runToTheEnd(sandbox: Sandbox, instance: string): Promise<string> {
  const core = connect(sandbox);
  const { id: transferId } = await one(core, 'transfer.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
  });
  const { id: executionId } = await one(core, 'execution.start', { transferId });
  await one(core, 'execution.wait', { transferId, executionId });
  return String(executionId);
}

/** A resource locator as the editor stores it. */
export const locator = (value: string) => ({ __rl: true, mode: 'id', value });

export const node = (
  name: string,
  type: string,
  parameters: Record<string, unknown> = {},
  typeVersion = 1,
): WorkflowNode => ({ id: randomUUID(), name, type, typeVersion, parameters, position: [0, 0] });

/** A Coriolis node; `operation` is "transfer.get". */
export function coriolis(
  name: string,
  operation: string,
  parameters: Record<string, unknown> = {},
): WorkflowNode {
  const [resource = '', verb = ''] = operation.split('.');
  return node(name, 'n8n-nodes-coriolis.coriolis', { resource, operation: verb, ...parameters });
}

/** Fires when something has finished. n8n lets each of its poll times come once a minute; together they come every 10 s. */
export const trigger = node('Coriolis Trigger', 'n8n-nodes-coriolis.coriolisTrigger', {
  pollTimes: {
    item: [0, 10, 20, 30, 40, 50].map((second) => ({
      mode: 'custom',
      cronExpression: `${second} * * * * *`,
    })),
  },
  events: ['deployment', 'execution'],
  filters: {},
});

/** The button "Execute workflow". */
export const button = node('Start', 'n8n-nodes-base.manualTrigger');

/** Nodes in a row, each fed by the one before. */
export function chain(name: string, ...nodes: readonly WorkflowNode[]): WorkflowFile {
  const links = nodes
    .slice(1)
    .map((next, index) => [nodes[index]?.name, { main: [[{ node: next.name, type: 'main', index: 0 }]] }]);
  return {
    name,
    nodes: nodes.map((each, index) => ({ ...each, position: [index * 220, 0] })),
    connections: Object.fromEntries(links) as WorkflowFile['connections'],
    settings: { executionOrder: 'v1' },
  };
}
