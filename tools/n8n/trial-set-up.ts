// The shipped workflows, filled in for a sandbox: each runs with one click.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../library';
import { loginVariablesOf } from '../../sandbox/login-variables';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { readTemplates, makeSandboxCredentialFields, type N8nClient, type WorkflowFile } from './n8n-client';
import type { MailCatcher } from './mail-catcher';
import type { InstalledN8n } from './install-n8n';
import { makeExcelFile } from './excel-file';
import { DESTINATION, ENVIRONMENT, makeFormValues, SOURCE } from './trial-forms';

const NETWORKS = { 'VM Network': 'private' };
/** Notes of the transfers that the cutover workflow finishes, by machine. Small machines are copied soon. */
const CUTOVER_NOTES = { 'test-vm-02': 'Test machine 2, cutover', 'test-vm-03': 'Test machine 3, cutover' };

/** Values that a user would enter into a workflow. */
interface WorkflowValues {
  /** Values of the node *Settings*, by name; a text that starts with `=` is an expression. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Parameters of other nodes, by node. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const endpoint = (name: string): unknown => ({ __rl: true, mode: 'id', value: name });

/**
 * Values for the trial, by template file. A template without an entry runs as imported. Each workflow works on machines
 * of its own, so the workflows can run in any order.
 */
const TRIAL_VALUES: Readonly<Record<string, WorkflowValues>> = {
  'migrate-a-vm.json': {
    parameters: {
      'Check the source': { endpointId: endpoint(SOURCE) },
      'Check the destination': { endpointId: endpoint(DESTINATION) },
      'Create the transfer': {
        instances: ['web-02'],
        specifyDestinationEnvironment: 'json',
        destinationEnvironment: ENVIRONMENT,
        networkMap: 'VM Network=private',
      },
    },
  },
  'park-and-resume.json': {
    parameters: {
      'Execute the transfer': {
        transferId: { __rl: true, mode: 'id', value: 'Web server, nightly replica' },
      },
    },
  },
  'dr-failover-drill.json': { settings: { search: 'nightly' } },
  'cutover-weekend.json': { settings: { max_parallel: 2 } },
};

/** Workflows that work only when published: n8n answers to their forms and webhooks. */
const PUBLISHED: ReadonlySet<string> = new Set([
  'park-and-resume.json',
  ...Object.keys(makeFormValues(new Date())),
]);

/** Fields of n8n's OpenAI credential for an address where nothing listens. */
const NO_MODEL = { apiKey: 'none', url: 'http://127.0.0.1:9/v1' };

interface Assignment {
  readonly name: string;
}

/** Enters values into one workflow. @throws when a value is for a node or a setting that the workflow does not have */
function fillIn(workflow: WorkflowFile, { settings = {}, parameters = {} }: WorkflowValues): WorkflowFile {
  const missing = new Set([...Object.keys(parameters), ...Object.keys(settings)]);
  const nodes = workflow.nodes.map((node) => {
    const more = parameters[node.name];
    if (more !== undefined) {
      missing.delete(node.name);
      return { ...node, parameters: { ...node.parameters, ...more } };
    }
    if (node.name !== 'Settings') return node;
    const { assignments } = node.parameters['assignments'] as { readonly assignments: readonly Assignment[] };
    const filled = assignments.map((one) => {
      if (!(one.name in settings)) return one;
      missing.delete(one.name);
      return { ...one, value: settings[one.name] };
    });
    return { ...node, parameters: { ...node.parameters, assignments: { assignments: filled } } };
  });
  if (missing.size > 0) throw new Error(`"${workflow.name}" has no ${[...missing].join(', ')} to fill in`);
  return { ...workflow, nodes };
}

/** The shipped workflows, in the order of their files, filled in for a sandbox. */
export const makeTrialWorkflows = (): ReturnType<typeof readTemplates> =>
  readTemplates().map(({ file, ...workflow }) => ({ ...fillIn(workflow, TRIAL_VALUES[file] ?? {}), file }));

/** Makes the replicas of the cutover and starts their first syncs. */
async function addTrialReplicas(sandbox: SandboxConnection): Promise<void> {
  const coriolis = connect({ environment: loginVariablesOf(sandbox) });
  for (const [instance, notes] of Object.entries(CUTOVER_NOTES)) {
    const { id } = await coriolis.transfers.create({
      originEndpointId: SOURCE,
      destinationEndpointId: DESTINATION,
      instances: [instance],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: NETWORKS,
      notes,
    });
    await coriolis.executions.start({ transferId: id });
  }
}

/** A workflow of the trial in n8n. */
export interface TrialWorkflow {
  readonly file: string;
  readonly id: string;
  readonly name: string;
}

/**
 * Adds credentials, the filled-in workflows and the machines they work on. Workflows that wait for a form or for their own
 * trigger are published.
 */
export async function setUpTrial(
  n8n: N8nClient,
  sandbox: SandboxConnection,
  mail: Pick<MailCatcher, 'credential'>,
): Promise<TrialWorkflow[]> {
  const credential = await n8n.addCredential('Coriolis sandbox', makeSandboxCredentialFields(sandbox));
  const others = {
    smtp: await n8n.addCredential('Mails of the trial', mail.credential, 'smtp'),
    // Nothing listens at this address: the workflow sends its diagnosis without a text of a model.
    openAiApi: await n8n.addCredential('No model: put your own here', NO_MODEL, 'openAiApi'),
  };
  await addTrialReplicas(sandbox);
  const added: TrialWorkflow[] = [];
  for (const { file, ...workflow } of makeTrialWorkflows()) {
    const id = await n8n.addWorkflow(workflow, credential, others);
    if (PUBLISHED.has(file)) await n8n.publish(id);
    added.push({ file, id, name: workflow.name });
  }
  return added;
}

/**
 * Writes an Excel file with machines of the sandbox, to upload in *Waves from a spreadsheet*.
 * @returns its path
 */
export function writeMachineTable(folder: string, installed: Pick<InstalledN8n, 'require'>): string {
  const rows = [
    ['VM', 'Powerstate', 'Template', 'Provisioned MiB'],
    ['proxy-01', 'poweredOn', 'False', 20_480],
    ['proxy-02', 'poweredOn', 'False', 20_480],
  ];
  const file = join(folder, 'machines.xlsx');
  writeFileSync(file, makeExcelFile(installed, 'vInfo', rows));
  return file;
}
