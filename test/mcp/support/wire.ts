import type { Row } from './client';

/** What a server answered, as JSON-RPC. */
export interface Reply {
  readonly result?: Row;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The capabilities of a client that knows tasks. */
export const declaring: Row = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

let asked = 0;

/** Sends one request of the modern era over HTTP, for what the clients of the SDK have no words for. */
export async function ask(
  url: string,
  method: string,
  params: Row,
  capabilities: Row = declaring,
): Promise<Reply> {
  const name = params['name'] ?? params['taskId'];
  asked += 1;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: asked,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      },
    }),
  });
  return (await answer.json()) as Reply;
}
