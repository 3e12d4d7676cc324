import { McpServer } from '@modelcontextprotocol/server';

/** The least that an MCP server can be. */
export function hello(): McpServer {
  const server = new McpServer({ name: 'hello', version: '1.0.0' });
  server.registerTool('hello', { description: 'Says hello' }, async () => ({
    content: [{ type: 'text', text: 'hello' }],
  }));
  return server;
}
