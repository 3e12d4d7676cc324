// The least that an MCP server can be: what `startup.ts` and `calls.ts` compare with.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

function hello(): McpServer {
  const server = new McpServer({ name: 'hello', version: '1.0.0' });
  server.registerTool('hello', { description: 'Says hello' }, async () => ({
    content: [{ type: 'text', text: 'hello' }],
  }));
  return server;
}

if (process.argv.includes('--http')) {
  const answer = toNodeHandler(createMcpHandler(hello));
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    void answer(Object.assign(request, { method, url }), response);
  });
  server.listen(0, '127.0.0.1', () => {
    process.stderr.write(`serving MCP at http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp\n`);
  });
} else {
  serveStdio(hello);
}
