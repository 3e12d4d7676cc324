import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { WorkflowFile } from '../../tools/n8n/n8n-client';
import { coriolis, node, sharedN8n, type Shared, type SharedN8nClient } from './lab';

/** The node as a tool of AI agents, through n8n's own MCP server: what a model sees and gets, without a model. */

const path = randomUUID();
let client: SharedN8nClient;
let given: Shared;
let mcp: Client;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
  const id = await client.addWorkflow(workflow(), given.credential);
  await client.publish(id);
  mcp = await connected(new URL(`${given.n8n.url}/mcp/${path}`));
});
afterAll(() => mcp.close());

/** A parameter that the model fills in. */
const fromModel = (key: string, description: string): string =>
  `={{ $fromAI('${key}', '${description}', 'string') }}`;

function workflow(): WorkflowFile {
  const tool = { type: 'n8n-nodes-coriolis.coriolisTool' };
  const server = node('Coriolis for agents', '@n8n/n8n-nodes-langchain.mcpTrigger', { path }, 2);
  const list = { ...coriolis('List endpoints', 'endpoint.getAll', { returnAll: true }), ...tool };
  const get = {
    ...coriolis('Get a transfer', 'transfer.get', {
      transferId: { __rl: true, mode: 'id', value: fromModel('transfer', 'ID of the transfer') },
    }),
    ...tool,
  };
  const create = {
    ...coriolis('Create a transfer', 'transfer.create', {
      originEndpointId: { __rl: true, mode: 'name', value: fromModel('origin', 'Name of the endpoint') },
      destinationEndpointId: { __rl: true, mode: 'name', value: 'openstack' },
      instances: fromModel('machines', 'Names with commas'),
      destinationEnvironment: fromModel('environment', 'JSON by the schema of the platform'),
    }),
    ...tool,
  };
  const link = { ai_tool: [[{ node: server.name, type: 'ai_tool', index: 0 }]] };
  return {
    name: 'Tools for agents',
    nodes: [server, list, get, create],
    connections: { [list.name]: link, [get.name]: link, [create.name]: link },
    settings: { executionOrder: 'v1' },
  };
}

/** n8n opens the address a moment after it has answered to the publishing. */
async function connected(url: URL): Promise<Client> {
  for (let attempt = 0; ; attempt += 1) {
    const attempted = new Client({ name: 'e2e', version: '1.0.0' });
    try {
      await attempted.connect(new StreamableHTTPClientTransport(url));
      return attempted;
    } catch (error) {
      if (attempt === 400) throw error;
      await sleep(250);
    }
  }
}

async function call(
  name: string,
  input: Record<string, unknown>,
): Promise<{ text: string; isError: boolean }> {
  const result = await mcp.callTool({ name, arguments: input });
  const content = result.content as { text?: string }[];
  return { text: content.map(({ text }) => text ?? '').join('\n'), isError: result.isError === true };
}

test('each node is a tool that asks for what it was told to leave to the model', async () => {
  const { tools } = await mcp.listTools();

  const inputs = tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]);
  expect(Object.fromEntries(inputs)).toMatchObject({
    List_endpoints: [],
    Get_a_transfer: ['transfer'],
    Create_a_transfer: ['origin', 'machines', 'environment'],
  });
  expect(tools.find(({ name }) => name === 'Get_a_transfer')?.description).toBe('Get a transfer in Coriolis');
  // All that a model pays for before it has asked anything.
  expect(JSON.stringify(tools).length).toBeLessThan(2_000);
});

test('a call gives the rows, without what no model needs', async () => {
  const { text, isError } = await call('List_endpoints', {});

  expect(isError).toBe(false);
  expect(text).toContain('vcenter');
  expect(text).not.toContain('connection_info');
  expect(text.length).toBeLessThan(1_000);
});

describe('a mistake comes back in words that a model can act on', () => {
  const move = { origin: 'vcenter', machines: 'web-01', environment: '{"migr_network": "private"}' };

  test('an id that nothing has', async () => {
    const { text } = await call('Get_a_transfer', { transfer: '11111111-2222-4333-8444-555555555555' });

    expect(text).toMatch(/11111111-2222-4333-8444-555555555555' not found.*Check the id/s);
  });

  test('a name that nothing has, with those that are like it', async () => {
    const { text } = await call('Create_a_transfer', { ...move, origin: 'center' });

    expect(text).toMatch(/no endpoint has the id or the exact name "center".*Similar names: "vcenter"/s);
  });

  test('a text that is no JSON, by the label of its parameter', async () => {
    const { text } = await call('Create_a_transfer', { ...move, environment: 'private' });

    expect(text).toMatch(/Destination Environment/);
    expect(text).toMatch(/JSON/);
  });

  test('what the platform does not accept, in its own words', async () => {
    const { text } = await call('Create_a_transfer', { ...move, environment: '{"no_such_option": 1}' });

    expect(text).toMatch(/Invalid destination environment.*no_such_option|migr_network/s);
  });
});
