import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { repositoryRoot } from '../../tools/install.mjs';
import { packAndUnpack } from '../../tools/packages/pack-and-unpack';
import { bare } from '../mcp/support/server';
import { ask } from './judges';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcpb-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle for hosts that install with a click', () => {
  it('has a manifest that is accepted, is packed, and serves its tools once unpacked', async () => {
    const content = join(folder, 'content');
    await packAndUnpack('coriolis-mcp', content);
    copyFileSync(join(repositoryRoot, 'mcp', 'manifest.json'), join(content, 'manifest.json'));
    const file = join(folder, 'coriolis.mcpb');
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);

    const valid = await ask('mcpb', ['validate', join(content, 'manifest.json')], folder);
    expect([valid.code, valid.stdout + valid.stderr]).toEqual([0, expect.stringContaining('passes')]);
    const packed = await ask('mcpb', ['pack', content, file], folder);
    expect([packed.code, packed.stderr]).toEqual([0, '']);
    expect((await ask('mcpb', ['unpack', file, unpacked], folder)).code).toBe(0);

    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [join(unpacked, 'dist', 'coriolis-mcp.cjs')],
        // A host fills in every setting, also those that were left empty.
        env: { ...bare, OS_AUTH_URL: '', CORIOLIS_MCP_SANDBOX: 'true', CORIOLIS_MCP_ALLOW_WRITE: 'false' },
      }),
    );
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    expect(await client.callTool({ name: 'list_endpoints', arguments: {} })).not.toHaveProperty(
      'isError',
      true,
    );
    await client.close();
  });
});
