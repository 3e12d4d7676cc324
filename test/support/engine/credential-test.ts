import { ExecuteContext, RoutingNode } from 'n8n-core';
import {
  createRunExecutionData,
  NodeConnectionTypes,
  type IConnections,
  type ICredentialDataDecryptedObject,
  type INode,
  type INodeType,
  type IWorkflowExecuteAdditionalData,
  type Workflow,
} from 'n8n-workflow';
import type { CredentialStore } from './credentials';
import { NodeTypeRegistry } from './node-types';

export interface CredentialTestResult {
  readonly status: 'OK' | 'Error';
  readonly message: string;
}

/** The parts of the engine that a credential test runs in. */
interface TestEngine {
  readonly credentials: CredentialStore;
  workflowOf(json: { readonly nodes: INode[]; readonly connections: IConnections }): Workflow;
  additionalData(workflow: Workflow, mode: 'internal'): IWorkflowExecuteAdditionalData;
}

interface Thrown {
  readonly message: string;
  readonly cause?: {
    readonly response?: { readonly status: number; readonly statusText?: string };
    readonly code?: string;
  };
}

/**
 * Tests a credential by the rules of n8n's tester (`n8n`, credentials-tester.service.ts): a node made of the credential's
 * test request runs once; an answer's status becomes a message by the credential's rules, a network failure shows its bare
 * code, and any other error its message.
 */
export async function testCredential(
  engine: TestEngine,
  type: string,
  data: ICredentialDataDecryptedObject,
): Promise<CredentialTestResult> {
  const { test } = engine.credentials.typeOf(type);
  if (test === undefined) throw new Error(`${type} has no test`);
  const nodeType: INodeType = {
    description: {
      displayName: 'Temp',
      name: 'temp',
      group: ['transform'],
      version: 1,
      description: '',
      defaults: { name: 'Temp' },
      inputs: [NodeConnectionTypes.Main],
      outputs: [NodeConnectionTypes.Main],
      credentials: [{ name: type, required: true }],
      properties: [
        {
          displayName: 'Temp',
          name: 'temp',
          type: 'string',
          routing: { request: test.request },
          default: '',
        },
      ],
    },
  };
  const node: INode = {
    id: 'temp',
    name: 'Temp',
    type: 'test.temp',
    typeVersion: 1,
    position: [0, 0],
    parameters: { temp: '' },
    credentials: { [type]: { id: 'temp', name: 'temp' } },
  };
  const workflow = engine.workflowOf({ nodes: [], connections: {} });
  workflow.nodeTypes = new NodeTypeRegistry(() => undefined, new Map([['test.temp', nodeType]]));
  workflow.setNodes([node]);
  const input = { [NodeConnectionTypes.Main]: [[{ json: {} }]] };
  const context = new ExecuteContext(
    workflow,
    node,
    engine.additionalData(workflow, 'internal'),
    'internal',
    createRunExecutionData(),
    0,
    [],
    input,
    { node, data: {}, source: null },
    [],
  );
  const decrypted = { id: 'temp', name: 'temp', type, data: engine.credentials.withDefaults(type, data) };
  try {
    await new RoutingNode(context, nodeType, decrypted).runNode();
    return { status: 'OK', message: 'Connection successful!' };
  } catch (error) {
    return { status: 'Error', message: messageOf(error as Thrown, test.rules ?? []) };
  }
}

function messageOf(
  { message, cause }: Thrown,
  rules: ReadonlyArray<{
    readonly type: string;
    readonly properties: { readonly value: unknown; readonly message: string };
  }>,
): string {
  const { response, code } = cause ?? {};
  if (response === undefined) return code ?? message;
  const rule = rules.find(
    ({ type, properties }) => type === 'responseCode' && properties.value === response.status,
  );
  return rule?.properties.message ?? response.statusText ?? `Received HTTP status code: ${response.status}`;
}
