// n8n's internal API, as its editor uses it.
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { repositoryRoot } from '../install.mjs';
import type { InstalledN8n } from './install-n8n';

const PACKAGE = 'n8n-nodes-coriolis';
/** Type of the credential of the Coriolis nodes. */
const CREDENTIAL_TYPE = 'coriolisKeystoneApi';
const RUN_MS = 300_000;
/** Maximum executions per page of n8n. */
const PAGE = 100;

export interface N8nOwner {
  readonly email: string;
  readonly password: string;
}

/** A login to n8n. n8n allows a user five logins a minute, so sessions are reused. */
export interface N8nSession {
  readonly owner: N8nOwner;
  /** Id of the browser; n8n accepts the cookie only with it. */
  readonly browserId: string;
  readonly cookie: string;
}

export interface CredentialRef {
  readonly id: string;
  readonly name: string;
}

export interface WorkflowNode {
  /** Unique in its workflow. The durable scheduler of n8n needs it; the editor gives one to each node. */
  id?: string;
  name: string;
  type: string;
  typeVersion?: number;
  parameters: Record<string, unknown>;
  position: [number, number];
  credentials?: Record<string, CredentialRef>;
}

/** Credential types of the nodes of others that the templates use, by node type. */
const CREDENTIAL_TYPES: Readonly<Record<string, string>> = {
  'n8n-nodes-base.emailSend': 'smtp',
  '@n8n/n8n-nodes-langchain.lmChatOpenAi': 'openAiApi',
};

/** A workflow file, as n8n exports it and as in templates/. */
export interface WorkflowFile {
  name: string;
  nodes: WorkflowNode[];
  connections: Record<string, unknown>;
  settings?: Record<string, unknown>;
  /** Items that manual runs take instead of running a node, by its name. */
  pinData?: Record<string, unknown>;
}

/** Input and output of a node's run. */
interface NodeRun {
  data?: { main?: ({ json: Record<string, unknown>; pairedItem?: unknown }[] | null)[] };
  error?: { message: string; description?: string | null };
}

interface RunData {
  resultData: {
    runData?: Record<string, NodeRun[]>;
    error?: { message: string; description?: string | null };
  };
}

interface ExecutionRow {
  readonly id: string;
  readonly status: string;
  readonly mode: string;
}

export interface N8nExecution extends ExecutionRow {
  /** Runs by node name; empty while the execution is unfinished. */
  readonly runs: Readonly<Record<string, NodeRun[]>>;
  readonly error: { message: string; description?: string | null } | undefined;
  /** Rows of a node's first output. */
  rows(node: string): Record<string, unknown>[];
}

/**
 * Request for the choices of a node's parameter, as the editor sends it while someone fills in the node.
 */
export interface ParameterChoicesRequest {
  readonly method: string;
  /** Name of the parameter. */
  readonly path: string;
  readonly parameters: Record<string, unknown>;
  readonly filter?: string;
  readonly paginationToken?: string;
}

const CHOICE_ROUTES = {
  options: 'options',
  list: 'resource-locator-results',
  mapper: 'resource-mapper-fields',
} as const;

export interface N8nClient {
  readonly owner: N8nOwner;
  /** The session, for another process or after a restart of n8n. */
  session(): N8nSession;
  /**
   * Sends a request to n8n and returns the data of the answer.
   * @throws when n8n answers with an error
   */
  call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<unknown>;
  /** Lists the full names of all node types, derived tools included. */
  fetchNodeTypes(): Promise<string[]>;
  /** Creates the first user of a new n8n. */
  setUp(): Promise<void>;
  /** Adds a credential, of Coriolis unless `type` says otherwise. */
  addCredential(name: string, data: Readonly<Record<string, unknown>>, type?: string): Promise<CredentialRef>;
  /** Tests a stored credential with the data of its form, like the button in the editor. */
  testCredential(credential: CredentialRef, data: Record<string, unknown>): Promise<unknown>;
  /**
   * Adds a workflow whose Coriolis nodes use the credential, and returns its id.
   * @param others credentials of the other nodes, by type: `smtp`, `openAiApi`
   */
  addWorkflow(
    workflow: WorkflowFile,
    credential: CredentialRef,
    others?: Readonly<Record<string, CredentialRef>>,
  ): Promise<string>;
  /** Publishes a workflow, so that its triggers and webhooks work. n8n answers before they are active. */
  publish(workflow: string): Promise<void>;
  /** Takes a workflow of the current release back: its triggers and webhooks end. */
  unpublish(workflow: string): Promise<void>;
  /** Runs a workflow from one of its triggers, like the button in the editor, and waits for the end. */
  run(workflow: string, trigger: string): Promise<N8nExecution>;
  fetchExecution(id: string): Promise<N8nExecution>;
  /** Lists the executions of a workflow, newest first; with n8n 1.x only the latest hundred. */
  fetchExecutions(workflow: string): Promise<ExecutionRow[]>;
  /** Requests the possible values of a node's parameter: options, a searchable list, or mapper fields. */
  requestChoices(
    question: keyof typeof CHOICE_ROUTES,
    node: string,
    about: ParameterChoicesRequest,
    credential: CredentialRef,
  ): Promise<unknown>;
}

/** Makes a session of a new user. */
const newSession = (): N8nSession => ({
  owner: { email: 'owner@example.com', password: `A1${randomBytes(9).toString('base64url')}` },
  browserId: randomBytes(8).toString('hex'),
  cookie: '',
});

/**
 * Makes a client of n8n.
 * @param session session of an existing user; without one, that of a new user, who must be set up first
 */
export function makeN8nClient(
  url: string,
  installed: Pick<InstalledN8n, 'release' | 'require'>,
  session: N8nSession = newSession(),
): N8nClient {
  const { owner, browserId } = session;
  const flatted = installed.require('flatted') as { parse: (text: string) => unknown };
  let { cookie } = session;

  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'browser-id': browserId,
        cookie,
        // n8n closes idle connections after 5 s. A change sent on one that is just being closed fails.
        connection: 'close',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    if (!answer.ok)
      throw new Error(`n8n answered ${method} ${path} with ${answer.status}: ${await answer.text()}`);
    return await answer.json();
  };
  const call: N8nClient['call'] = async (method, path, body) =>
    ((await send(method, path, body)) as { data: unknown }).data;
  const workflow = async (id: string) =>
    (await call('GET', `/rest/workflows/${id}`)) as WorkflowFile & { id: string; versionId: string };

  const execution: N8nClient['fetchExecution'] = async (id) => {
    const found = (await call('GET', `/rest/executions/${id}`)) as {
      status: string;
      mode: string;
      data: string;
    };
    // Before its start an execution has no data.
    const data = flatted.parse(found.data) as RunData | undefined;
    const runs = data?.resultData.runData ?? {};
    return {
      id,
      status: found.status,
      mode: found.mode,
      runs,
      error: data?.resultData.error,
      rows: (node) => (runs[node]?.[0]?.data?.main?.[0] ?? []).map(({ json }) => json),
    };
  };

  return {
    owner,
    session: () => ({ owner, browserId, cookie }),
    call,
    fetchNodeTypes: async () => {
      const types = (await send('GET', '/types/nodes.json')) as { name: string }[];
      return [...new Set(types.map(({ name }) => name))];
    },
    setUp: async () => {
      await call('POST', '/rest/owner/setup', { ...owner, firstName: 'Migration', lastName: 'Engineer' });
    },
    addCredential: async (name, data, type = CREDENTIAL_TYPE) => {
      const { id } = (await call('POST', '/rest/credentials', {
        name,
        type,
        data,
      })) as CredentialRef;
      return { id, name };
    },
    testCredential: (credential, data) =>
      call('POST', '/rest/credentials/test', {
        credentials: { ...credential, type: CREDENTIAL_TYPE, data },
      }),
    addWorkflow: async (
      { name, nodes, connections, settings = {}, pinData = {} },
      credential,
      others = {},
    ) => {
      const known: Readonly<Record<string, CredentialRef>> = { ...others, [CREDENTIAL_TYPE]: credential };
      const { id } = (await call('POST', '/rest/workflows', {
        name,
        nodes: nodes.map((node) => {
          const type = node.type.startsWith(`${PACKAGE}.`)
            ? CREDENTIAL_TYPE
            : (CREDENTIAL_TYPES[node.type] ?? '');
          const own = known[type];
          return own === undefined ? node : { ...node, credentials: { [type]: own } };
        }),
        connections,
        settings,
        pinData,
        active: false,
      })) as { id: string };
      return id;
    },
    publish: async (id) => {
      const { versionId } = await workflow(id);
      if (installed.release === 'oldest') {
        await call('PATCH', `/rest/workflows/${id}`, { active: true, versionId });
      } else {
        await call('POST', `/rest/workflows/${id}/activate`, { versionId, name: 'first' });
      }
    },
    unpublish: async (id) => {
      await call('POST', `/rest/workflows/${id}/deactivate`, {});
    },
    run: async (id, trigger) => {
      const { executionId } = (await call('POST', `/rest/workflows/${id}/run`, {
        workflowData: await workflow(id),
        triggerToStartFrom: { name: trigger },
      })) as { executionId: string };
      const deadline = Date.now() + RUN_MS;
      for (;;) {
        const found = await execution(executionId);
        const ended = !['new', 'running', 'waiting'].includes(found.status);
        // n8n 1.x stores the status a moment before the data.
        if (ended && Object.keys(found.runs).length > 0) return found;
        if (Date.now() > deadline) {
          throw new Error(
            `execution ${executionId} is still ${found.status}${ended ? ', without data' : ''}`,
          );
        }
        await sleep(250);
      }
    },
    fetchExecution: execution,
    fetchExecutions: async (id) => {
      const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
      // Pages repeat running executions.
      const all = new Map<string, ExecutionRow>();
      let cursor: string | null | undefined;
      do {
        const page = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const { results, nextCursor } = (await call(
          'GET',
          `/rest/executions?filter=${filter}&limit=${PAGE}${page}`,
        )) as { results: ExecutionRow[]; nextCursor?: string | null };
        for (const row of results) all.set(row.id, row);
        cursor = nextCursor;
      } while (cursor);
      return [...all.values()];
    },
    requestChoices: (question, node, { method, path, parameters, ...more }, credential) =>
      call('POST', `/rest/dynamic-node-parameters/${CHOICE_ROUTES[question]}`, {
        path,
        methodName: method,
        nodeTypeAndVersion: { name: `${PACKAGE}.${node}`, version: 1 },
        currentNodeParameters: parameters,
        credentials: { [CREDENTIAL_TYPE]: credential },
        ...more,
      }),
  };
}

/** The fields of a Coriolis credential that logs in to a sandbox. */
export const makeSandboxCredentialFields = (sandbox: SandboxConnection): Record<string, unknown> => ({
  authUrl: sandbox.auth_url,
  method: 'password',
  userBy: 'name',
  userName: sandbox.username,
  password: sandbox.password,
  projectBy: 'name',
  projectName: sandbox.project,
  domainsBy: 'name',
  userDomain: sandbox.user_domain,
  projectDomain: sandbox.project_domain,
  region: sandbox.region,
});

/** The shipped workflows, in the order of their files. */
export const readTemplates = (): (WorkflowFile & { readonly file: string })[] =>
  readdirSync(join(repositoryRoot, 'templates'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      ...(JSON.parse(readFileSync(join(repositoryRoot, 'templates', file), 'utf8')) as WorkflowFile),
      file,
    }));
