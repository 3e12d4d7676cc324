// What `calls.ts` compares with over HTTP.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { hello } from './hello-tool';

const answer = toNodeHandler(createMcpHandler(hello));
const server = createServer((request, response) => {
  const { method = 'GET', url = '/' } = request;
  void answer(Object.assign(request, { method, url }), response);
});
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`serving MCP at http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp\n`);
});
