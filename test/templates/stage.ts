import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  NodeHelpers,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
  type INodeExecutionData,
  type INodeParameters,
  type INodeType,
} from 'n8n-workflow';
import type { SandboxOptions } from '../../sandbox/sandbox';
import { locator, startLab, type Lab } from '../engine/lab';
import type { RunOptions, RunResult, WorkflowJson } from '../support/engine';
import { n8nDescription, n8nNode } from '../support/n8n-nodes';

/** A shipped workflow on a stage: n8n's own nodes are real, only what speaks to third parties is not. */

export const templateFolder = join(__dirname, '../../templates');

/** A workflow as a user imports it. */
export interface Template extends WorkflowJson {
  readonly name: string;
}

export const readTemplate = (name: string): Template =>
  JSON.parse(readFileSync(join(templateFolder, `${name}.json`), 'utf8')) as Template;

/** What a node that speaks to third parties was told, in the place of the third party. */
export interface Sent {
  readonly node: string;
  readonly parameters: INodeParameters;
  /** The items it was given. */
  readonly items: readonly INodeExecutionData[];
}

/** Answers in the place of a third party; what it does not answer, goes on as it came. */
export type Answer = (sent: Sent) => readonly IDataObject[] | undefined;

/** Asked for each item, or once for all of them. */
export type ThirdParty = { readonly each: Answer } | { readonly once: Answer };

export interface StageOptions {
  readonly sandbox?: SandboxOptions;
  /** By node type, for example `n8n-nodes-base.httpRequest`. */
  readonly thirdParties?: Readonly<Record<string, ThirdParty>>;
  /** Values of the nodes that a person fills in, by node and name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Parameters of other nodes, by node; looked at before each run. */
  readonly parameters?: Readonly<Record<string, INodeParameters>>;
  /** Node types of other packages than n8n's own. */
  readonly nodeTypes?: Readonly<Record<string, INodeType>>;
}

export interface Stage {
  readonly lab: Lab;
  /** What went out to third parties, oldest first. */
  readonly sent: readonly Sent[];
  /** The mails among them, in words. */
  readonly mails: ReadonlyArray<{ readonly subject: string; readonly text: string; readonly asks: boolean }>;
  /** Makes a replica of these machines and returns its id. */
  replicaOf(instance: string, notes: string): Promise<string>;
  /** As `replicaOf`, and syncs it once. */
  syncedReplicaOf(instance: string, notes: string): Promise<string>;
  /** Runs from a trigger that fires with these rows. */
  run(start: string, rows?: readonly IDataObject[], options?: RunOptions): Promise<RunResult>;
  /** Goes on with an execution that waits: with what somebody sent to its webhook, or because its time is over. */
  resume(waiting: RunResult, row?: IDataObject): Promise<RunResult>;
  stop(): Promise<void>;
}

const MAIL = 'n8n-nodes-base.emailSend';
const SPEED = 20_000;

/** The form of a mail that asks for a decision, as n8n gives it out once a person has sent it. */
export const decision = (chosen: string, name = 'Ada'): IDataObject => ({
  data: { Decision: chosen, 'Your name': name, 'Remark or ticket': '' },
});

export async function onStage(name: string, options: StageOptions = {}): Promise<Stage> {
  const sent: Sent[] = [];
  const thirdParties: Readonly<Record<string, ThirdParty>> = {
    [MAIL]: { each: () => undefined },
    ...options.thirdParties,
  };
  const lab = await startLab({ speed: SPEED, ...options.sandbox }, (type, version) => {
    const thirdParty = thirdParties[type];
    return thirdParty === undefined
      ? (options.nodeTypes?.[type] ?? n8nNode(type, version))
      : standIn(type, version, thirdParty, (one) => sent.push(one));
  });
  const template = readTemplate(name);
  const filled = () => ({ ...template, nodes: template.nodes.map((node) => fillIn(node, lab, options)) });
  const isMail = (name: string) => template.nodes.some((node) => node.name === name && node.type === MAIL);
  const replicaOf: Stage['replicaOf'] = async (instance, notes) => {
    const [transfer] = await lab.rows('transfer.create', {
      originEndpointId: locator('vcenter'),
      destinationEndpointId: locator('openstack'),
      instances: [instance],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private', Backend: 'storage-net' },
      notes,
    });
    return String(transfer?.['id']);
  };
  return {
    lab,
    sent,
    replicaOf,
    async syncedReplicaOf(instance, notes) {
      const transferId = locator(await replicaOf(instance, notes));
      const [execution] = await lab.rows('execution.start', { transferId });
      const executionId = locator(String(execution?.['id']));
      await lab.rows('execution.wait', { transferId, executionId, timeoutSeconds: 60 });
      return transferId.value;
    },
    get mails() {
      return sent
        .filter(({ node }) => isMail(node))
        .map(({ parameters: { subject, text, message } }) => ({
          subject: String(subject),
          text: String(text ?? message),
          asks: message !== undefined,
        }));
    },
    run: (start, rows = [{}], more = {}) =>
      lab.engine.runWorkflow(filled(), { ...more, startAt: { node: start, rows } }),
    resume: (waiting, row) =>
      lab.engine.resumeWorkflow(filled(), waiting, row === undefined ? undefined : [row]),
    stop: () => lab.stop(),
  };
}

interface Assignment {
  readonly name: string;
  readonly value: unknown;
}

/** What a person does after the import: chooses credentials, and fills in what the notes ask for. */
function fillIn(node: INode, { credential }: Lab, { settings = {}, parameters = {} }: StageOptions): INode {
  const ours = node.type.startsWith('n8n-nodes-coriolis.');
  const more = parameters[node.name];
  const given = structuredClone({ ...node.parameters, ...more });
  if (node.name === 'Settings') {
    const { assignments } = given['assignments'] as { assignments: Assignment[] };
    given['assignments'] = {
      assignments: assignments.map((one) => ({ ...one, value: settings[one.name] ?? one.value })),
    } as INodeParameters;
  }
  return {
    ...node,
    parameters: given,
    ...(ours ? { credentials: { [credential.type]: { id: credential.id, name: credential.name } } } : {}),
  };
}

/** A node of n8n with its real form, which tells what it would send and asks `thirdParty` for the answer. */
function standIn(
  type: string,
  version: number | undefined,
  thirdParty: ThirdParty,
  tell: (sent: Sent) => void,
): INodeType {
  const description = n8nDescription(type, version ?? 1);
  if (description === undefined) throw new Error(`n8n has no ${type} of version ${version}`);
  return {
    description,
    async execute(this: IExecuteFunctions) {
      const node = this.getNode();
      const shown = description.properties.filter((property) =>
        NodeHelpers.displayParameter(node.parameters, property, node, description),
      );
      const ask = (respond: Answer, items: readonly INodeExecutionData[], index: number) => {
        const parameters = Object.fromEntries(
          shown.map(({ name }) => [name, this.getNodeParameter(name, index)]),
        ) as INodeParameters;
        const one: Sent = { node: node.name, parameters, items };
        tell(one);
        return (
          respond(one)?.map((json): INodeExecutionData => ({ json, pairedItem: { item: index } })) ?? items
        );
      };
      const input = this.getInputData();
      const output =
        'once' in thirdParty
          ? ask(thirdParty.once, input, 0)
          : input.flatMap((item, index) => ask(thirdParty.each, [item], index));
      // As n8n's own approval nodes: they wait for their webhook.
      if (node.parameters['operation'] === 'sendAndWait') await this.putExecutionToWait(new Date(8.64e15));
      return [[...output]];
    },
  };
}
