import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CredentialRef } from '../../tools/n8n/n8n-client';
import { serveHttp } from '../mcp/support/http';
import type { HttpProcess } from '../mcp/support/http';
import { bare } from '../mcp/support/server';
import { button, chain, node, sharedN8n, type Shared, type SharedN8nClient } from './lab';

/** Our MCP server, called by n8n's own MCP Client node over HTTP with a bearer token. */

const TOKEN = 'night-shift-0123456789abcdef';

let folder: string;
let client: SharedN8nClient;
let given: Shared;
let server: HttpProcess;
let bearer: CredentialRef;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-client-'));
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, `${TOKEN} read n8n\n`);
  const { auth_url, username, password, project } = given.sandbox;
  const login = {
    OS_AUTH_URL: auth_url,
    OS_USERNAME: username,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
  };
  server = await serveHttp({ ...bare, ...login }, ['--tokens-file', tokens, '--allow-write']);
  const made = { name: 'Token', type: 'httpBearerAuth', data: { token: TOKEN } };
  const { id } = (await client.call('POST', '/rest/credentials', made)) as { id: string };
  bearer = { id, name: made.name };
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the node once, and tells what it gave and how it ended. */
async function call(tool: string, args: object) {
  const asks = {
    ...node(
      'MCP Client',
      '@n8n/n8n-nodes-langchain.mcpClient',
      {
        serverTransport: 'httpStreamable',
        endpointUrl: server.url,
        authentication: 'bearerAuth',
        tool: { __rl: true, mode: 'id', value: tool },
        inputMode: 'json',
        jsonInput: JSON.stringify(args),
      },
      1.1,
    ),
    credentials: { httpBearerAuth: bearer },
  };
  const id = await client.addWorkflow(chain(`MCP: ${tool}`, button, asks), given.credential);
  const execution = await client.run(id, button.name);
  return { status: execution.status, error: execution.error, rows: execution.rows(asks.name) };
}

test('the MCP Client node calls a tool and gets its whole result', async () => {
  const { status, error, rows } = await call('list_endpoints', {});

  expect([status, error]).toEqual(['success', undefined]);
  expect(JSON.stringify(rows)).toContain('vmware_vsphere');
});

test('arguments reach the tool, and its errors reach the workflow', async () => {
  const { status, error } = await call('get_transfer', {
    transfer_id: '11111111-2222-4333-8444-555555555555',
  });

  expect(status).toBe('error');
  expect(JSON.stringify(error)).toContain('not_found');
});

test('what the token does not allow is refused, whatever the server allows', async () => {
  const { status, error } = await call('create_transfer', {});

  expect(status).toBe('error');
  expect(JSON.stringify(error)).toContain('scope');
});
