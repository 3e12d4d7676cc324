import { McpServer } from '@modelcontextprotocol/server';
import { callTool } from './call';
import { Confirmations } from './confirm';
import { failedResult } from './errors';
import { instructions } from './instructions';
import type { Log } from './log';
import type { Options } from './options';
import type { Session } from './session';
import { operationsOf } from './toolsets';
import { advertised, renderTools } from './tools';

/**
 * Makes servers: one for each connection, all with the same tools, session and confirmations. Everything that does not
 * depend on the connection is made once.
 */
export function serverFactory(
  options: Options,
  version: string,
  session: Session,
  log: Log,
): () => McpServer {
  const { permissions, toolsets, maxWaitSeconds } = options;
  const tools = renderTools(operationsOf(toolsets), permissions).map((tool) => ({
    ...tool,
    inputSchema: advertised(tool.input),
    outputSchema: advertised(tool.output),
  }));
  const offered = tools.map(({ operation }) => operation);
  const confirmations = new Confirmations(Date.now);
  const words = instructions(permissions, toolsets, maxWaitSeconds);

  return () => {
    const server = new McpServer(
      { name: 'coriolis-mcp', title: 'Coriolis', version },
      { instructions: words, capabilities: { tools: { listChanged: false } } },
    );
    const confirmer = { confirmations, asks: options.confirm === 'elicit', server };
    const desk = { session, permissions, confirmer, offered, maxWaitSeconds };
    for (const { name, title, description, inputSchema, outputSchema, annotations, operation } of tools) {
      server.registerTool(
        name,
        { title, description, inputSchema, outputSchema, annotations },
        async (given, context) => {
          const begin = Date.now();
          try {
            const result = await callTool(desk, operation, given, context);
            log.info('call', { tool: name, ms: Date.now() - begin });
            return result;
          } catch (error) {
            const failed = failedResult(error, name, log);
            log.info('call failed', {
              tool: name,
              ms: Date.now() - begin,
              error: error instanceof Error ? error.message : 'unknown',
            });
            return failed;
          }
        },
      );
    }
    return server;
  };
}
