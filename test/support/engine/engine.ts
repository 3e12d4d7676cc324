import { randomUUID } from 'node:crypto';
import { withoutUndefined } from '../../../src/model/json';
import './environment';
import { Container } from '@n8n/di';
import {
  ExecutionLifecycleHooks,
  LoadOptionsContext,
  PollContext,
  TriggersAndPollers,
  WorkflowExecute,
} from 'n8n-core';
import {
  Workflow,
  type ICredentialDataDecryptedObject,
  type IConnections,
  type IDataObject,
  type INode,
  type ILoadOptionsFunctions,
  type INodeExecutionData,
  type IPollFunctions,
  type INodeListSearchResult,
  type INodeParameters,
  type INodePropertyOptions,
  type INodeType,
  type IRun,
  type IWorkflowExecuteAdditionalData,
  type ResourceMapperFields,
  type WorkflowExecuteMode,
} from 'n8n-workflow';
import { CredentialStore, type StoredCredential } from './credentials';
import { immortal, type Death, type Poller } from './poller';
import { testCredential, type CredentialTestResult } from './credential-test';
import { loadPackage, NodeTypeRegistry, type FindNodeType, type LoadedPackage } from './node-types';
import { standIns } from './stand-ins';

/** A workflow as n8n exports it, as far as it is needed to run. */
export interface WorkflowJson {
  readonly id?: string;
  readonly name?: string;
  readonly nodes: readonly INode[];
  readonly connections: IConnections;
  readonly staticData?: IDataObject;
}

export interface RunOptions {
  /** `manual` is a run that somebody watches in the editor. */
  readonly mode?: WorkflowExecuteMode;
  /** Stops the execution when it fires, as the stop button does. */
  readonly signal?: AbortSignal;
  /** Receives what nodes send to the browser's console in a manual run. */
  readonly onMessage?: (node: string, message: string) => void;
  /** Begins at this node as if it had emitted these rows, as when a trigger has fired. */
  readonly startAt?: { readonly node: string; readonly rows: readonly IDataObject[] };
  readonly onNodeStart?: (node: string) => void;
  readonly onNodeEnd?: (node: string, items: readonly INodeExecutionData[]) => void;
}

/** What became of a run. */
export interface RunResult {
  readonly status: IRun['status'];
  /** Items of the last run of a node, by output. */
  items(node: string, output?: number): readonly INodeExecutionData[];
  /** Their JSON. */
  rows(node: string, output?: number): readonly IDataObject[];
  /** The error that ended the execution; undefined when it did not fail. */
  readonly error: NodeFailure | undefined;
  readonly run: IRun;
}

export interface NodeFailure {
  readonly name: string;
  readonly message: string;
  readonly description: string | null | undefined;
  readonly httpCode?: string | null;
  readonly context: IDataObject;
}

export interface EngineOptions {
  /** Directory of the built package: the one with `package.json` and `dist/`. */
  readonly packageDir: string;
  /** Further node types, by full name. */
  readonly nodeTypes?: ReadonlyMap<string, INodeType>;
  /** Node types that are loaded on demand; they win over all others. */
  readonly findNodeType?: FindNodeType;
}

/**
 * The real n8n engine in process, without server and database: workflows, polls, drop-downs, credential tests and tools run
 * through n8n-core with the built package.
 */
export async function createEngine({
  packageDir,
  nodeTypes = new Map(),
  findNodeType = () => undefined,
}: EngineOptions): Promise<Engine> {
  return new Engine(await loadPackage(packageDir), nodeTypes, findNodeType);
}

export class Engine {
  readonly credentials: CredentialStore;
  readonly nodeTypes: NodeTypeRegistry;
  private runs = 0;

  constructor(
    readonly loaded: LoadedPackage,
    more: ReadonlyMap<string, INodeType>,
    find: FindNodeType,
  ) {
    this.credentials = new CredentialStore(loaded.credentials);
    this.nodeTypes = new NodeTypeRegistry(find, loaded.nodes, standIns, more);
  }

  /** Runs a workflow from its start node to the end. A failing node does not make this throw: see the result. */
  async runWorkflow(json: WorkflowJson, options: RunOptions = {}): Promise<RunResult> {
    const workflow = this.workflowOf(json);
    const mode = options.mode ?? 'trigger';
    const additionalData = this.additionalData(workflow, mode, options);
    const startNode = startNodeOf(workflow, options.startAt?.node);
    const running = new WorkflowExecute(additionalData, mode).run({
      workflow,
      startNode,
      ...(options.startAt === undefined
        ? {}
        : { pinData: { [startNode.name]: options.startAt.rows.map((json) => ({ json })) } }),
    });
    return await endOf(running, options.signal);
  }

  /**
   * Goes on with an execution that a node put to wait, from what n8n would have written to its database: after the node's
   * webhook was called, which answered with `rows`, or, without rows, because the time of its wait was over.
   */
  async resumeWorkflow(
    json: WorkflowJson,
    waiting: RunResult,
    rows?: readonly IDataObject[],
    options: RunOptions = {},
  ): Promise<RunResult> {
    const saved = structuredClone(waiting.run.data);
    const [waitingNode] = saved.executionData?.nodeExecutionStack ?? [];
    if (saved.waitTill === undefined || waitingNode === undefined)
      throw new Error('The execution does not wait');
    if (rows !== undefined) waitingNode.data['main'] = [rows.map((row) => ({ json: row }))];
    const mode = options.mode ?? 'trigger';
    const workflow = this.workflowOf(json);
    const additionalData = this.additionalData(workflow, mode, options);
    return await endOf(
      new WorkflowExecute(additionalData, mode, saved).processRunExecutionData(workflow),
      options.signal,
    );
  }

  /**
   * A polling trigger whose static data lives on between polls, as in an active workflow.
   * @param workflowId the same for polls of one trigger in one process; its own when left out, as in a process of its own
   */
  poller(trigger: INode, saved?: IDataObject, workflowId: string = randomUUID()): Poller {
    const workflow = this.workflowOf({
      id: workflowId,
      nodes: [trigger],
      connections: {},
      ...(saved === undefined ? {} : { staticData: structuredClone(saved) }),
    });
    // The workflow's own copy has the defaults filled in.
    const node = workflow.getNode(trigger.name) ?? trigger;
    const failures: Error[] = [];
    const poll = async (mode: 'trigger' | 'manual', dies: Death = immortal) => {
      const context = new PollContext(
        workflow,
        node,
        this.additionalData(workflow, mode),
        mode,
        'activate',
        undefined,
        (error) => failures.push(error),
      );
      const { helpers } = context;
      const original = { ...helpers };
      helpers.httpRequestWithAuthentication = async function (...request) {
        dies();
        return (await original.httpRequestWithAuthentication.apply(this, request)) as unknown;
      };
      const outputs = await Container.get(TriggersAndPollers).runPollFunction(
        workflow,
        node,
        context as unknown as IPollFunctions,
      );
      return outputs === null ? null : (outputs[0] ?? []).map(({ json }) => json);
    };
    return {
      poll: () => poll('trigger'),
      pollUntilDeath: async (requests) => {
        let sent = 0;
        const state = { isDead: false };
        const events = await poll('trigger', () => {
          state.isDead ||= (sent += 1) > requests;
          // What the poll does about this error is seen by nobody: its process is gone.
          if (state.isDead) throw new Error('The process has ended');
        }).catch((error: unknown) => {
          if (!state.isDead) throw error;
          return null;
        });
        return state.isDead ? 'dead' : events;
      },
      fetchTestEvent: () => poll('manual'),
      failures: () => failures,
      saved: () => JSON.parse(JSON.stringify(workflow.staticData)) as IDataObject,
    };
  }

  /** What a resource locator's list shows. */
  async listSearch(
    node: INode,
    method: string,
    options: { readonly filter?: string; readonly paginationToken?: string } = {},
  ): Promise<INodeListSearchResult> {
    const search = this.typeOf(node).methods?.listSearch?.[method];
    if (search === undefined) throw new Error(`${node.type} has no list search ${method}`);
    return await search.call(this.loadOptionsContext(node), options.filter, options.paginationToken);
  }

  /** What a drop-down offers. */
  async loadOptions(node: INode, method: string): Promise<INodePropertyOptions[]> {
    const load = this.typeOf(node).methods?.loadOptions?.[method];
    if (load === undefined) throw new Error(`${node.type} has no options ${method}`);
    return await load.call(this.loadOptionsContext(node));
  }

  /** The fields of a form that a resource mapper shows. */
  async mapperFields(node: INode, method: string): Promise<ResourceMapperFields> {
    const map = this.typeOf(node).methods?.resourceMapping?.[method];
    if (map === undefined) throw new Error(`${node.type} has no form ${method}`);
    return await map.call(this.loadOptionsContext(node));
  }

  /** Does what the test button of a credential does. */
  async testCredential(type: string, data: ICredentialDataDecryptedObject): Promise<CredentialTestResult> {
    return await testCredential(this, type, data);
  }

  workflowOf({ id, name, nodes, connections, staticData }: WorkflowJson): Workflow {
    return new Workflow({
      id: id ?? 'workflow',
      name: name ?? 'Workflow',
      active: false,
      nodes: structuredClone([...nodes]),
      connections,
      nodeTypes: this.nodeTypes,
      settings: { executionOrder: 'v1' },
      ...withoutUndefined({ staticData }),
    });
  }

  additionalData(
    workflow: Workflow,
    mode: WorkflowExecuteMode,
    { onMessage, onNodeStart, onNodeEnd }: RunOptions = {},
    currentNodeParameters?: INodeParameters,
  ): IWorkflowExecuteAdditionalData {
    this.runs += 1;
    const executionId = String(this.runs);
    const hooks = new ExecutionLifecycleHooks(mode, executionId, {
      id: workflow.id,
      name: workflow.name ?? '',
      active: false,
      activeVersionId: null,
      isArchived: false,
      nodes: [],
      connections: {},
      createdAt: new Date(0),
      updatedAt: new Date(0),
    });
    if (onNodeStart !== undefined) hooks.addHandler('nodeExecuteBefore', (name) => onNodeStart(name));
    if (onNodeEnd !== undefined) {
      hooks.addHandler('nodeExecuteAfter', (name, { data }) => onNodeEnd(name, data?.['main']?.[0] ?? []));
    }
    const nowhere = 'http://127.0.0.1/';
    const needed: Partial<IWorkflowExecuteAdditionalData> = {
      credentialsHelper: this.credentials,
      hooks,
      executionId,
      currentNodeExecutionIndex: 0,
      variables: {},
      setExecutionStatus: () => undefined,
      restApiUrl: nowhere,
      instanceBaseUrl: nowhere,
      webhookBaseUrl: nowhere,
      webhookWaitingBaseUrl: nowhere,
      webhookTestBaseUrl: nowhere,
      formWaitingBaseUrl: nowhere,
      logAiEvent: () => undefined,
      ...withoutUndefined({ currentNodeParameters }),
      ...(onMessage === undefined
        ? {}
        : {
            sendDataToUI: (_type: string, data: IDataObject | IDataObject[]) => {
              const { source, messages } = data as { source: string; messages: string[] };
              onMessage(/"(.*)"/u.exec(source)?.[1] ?? source, messages.join(' '));
            },
          }),
    };
    return needed as IWorkflowExecuteAdditionalData;
  }

  private loadOptionsContext(node: INode): ILoadOptionsFunctions {
    const workflow = this.workflowOf({ nodes: [node], connections: {} });
    const additionalData = this.additionalData(workflow, 'internal', {}, node.parameters);
    // n8n-core's classes are compiled without exactOptionalPropertyTypes, hence the detour.
    return new LoadOptionsContext(
      workflow,
      node,
      additionalData,
      'parameters',
    ) as unknown as ILoadOptionsFunctions;
  }

  private typeOf(node: INode): INodeType {
    return this.nodeTypes.getByNameAndVersion(node.type);
  }
}

/** The named node, or the first that nothing leads to. */
function startNodeOf(workflow: Workflow, name: string | undefined): INode {
  const names = name === undefined ? Object.keys(workflow.nodes) : [name];
  const found = names
    .filter((each) => name !== undefined || workflow.getParentNodes(each, 'ALL').length === 0)
    .map((each) => workflow.getNode(each))
    .find((each) => each !== null);
  if (!found) throw new Error('The workflow has no start node');
  return found;
}

/** The result of a run, which the signal stops as n8n's stop button does. */
async function endOf(
  running: ReturnType<WorkflowExecute['processRunExecutionData']>,
  signal: AbortSignal | undefined,
): Promise<RunResult> {
  const stop = (): void => running.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return resultOf(await running);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function resultOf(run: IRun): RunResult {
  const { runData, error } = run.data.resultData;
  const items = (node: string, output = 0) => runData[node]?.at(-1)?.data?.['main']?.[output] ?? [];
  return {
    status: run.status,
    items,
    rows: (node, output) => items(node, output).map(({ json }) => json),
    error: error,
    run,
  };
}

export type { StoredCredential };
