import { McpServer } from '@modelcontextprotocol/server';
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server';
import { CapabilityError } from '../src/api/errors';
import { catalogue } from '../src/catalogue';
import type { Operation } from '../src/operation';
import { Confirmations } from './confirm';
import { failedResult } from './errors';
import { instructions } from './instructions';
import type { Log } from './log';
import type { Options } from './options';
import type { Permissions } from './permissions';
import { allows } from './permissions';
import type { Session } from './session';
import { operationsOf } from './toolsets';
import type { Tool } from './tools';
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
  const tools = renderTools(operationsOf(options), permissions).map((tool) => ({
    ...tool,
    inputSchema: advertised(tool.input),
    outputSchema: advertised(tool.output),
  }));
  const listed = tools.map(listedTool);
  const offered = tools.map(({ operation }) => operation);
  const withheld = catalogue.filter((operation) => !offered.includes(operation));
  const confirmations = new Confirmations(Date.now);
  const words = instructions(permissions, toolsets, maxWaitSeconds);

  return () => {
    const server = new McpServer(
      { name: 'coriolis-mcp', title: 'Coriolis', version },
      { instructions: words, capabilities: { tools: { listChanged: false } } },
    );
    const confirmer = { confirmations, asks: options.confirm === 'elicit', server };
    const desk = { session, permissions, confirmer, offered, maxWaitSeconds };
    for (const { name, inputSchema, outputSchema, operation } of tools) {
      server.registerTool(name, { inputSchema, outputSchema }, (given, context) =>
        recorded(name, log, async () => {
          // What only calls need is read with the first one: hosts wait for the list of tools.
          const { callTool } = await import('./call');
          return await callTool(desk, operation, given, context);
        }),
      );
    }
    // Known to whoever read the documentation: a call is answered with how to switch it on.
    for (const operation of withheld) {
      server.registerTool(operation.tool, {}, () =>
        failedResult(switchedOff(operation, permissions), operation.tool, log),
      );
    }
    server.server.setRequestHandler('tools/list', () => ({ tools: listed }));
    return server;
  };
}

const listedTool = ({ name, title, description, input, output, annotations }: Tool): ListedTool => ({
  name,
  title,
  description,
  inputSchema: { ...input, type: 'object' },
  outputSchema: { ...output, type: 'object' },
  annotations,
});

function switchedOff({ tool, effect }: Operation, permissions: Permissions): CapabilityError {
  const option = allows(permissions, effect)
    ? `--toolsets default --tools ${tool}`
    : effect === 'write'
      ? '--allow-write'
      : '--allow-destroy';
  return new CapabilityError(`${tool} is switched off here.`, {
    advice: `Nothing was done. Only the operator can switch it on, by starting this MCP server with ${option}.`,
  });
}

/** Runs a call, with one line in the log; errors become results. */
async function recorded<Result>(
  tool: string,
  log: Log,
  call: () => Promise<Result>,
): Promise<Result | CallToolResult> {
  const begin = Date.now();
  try {
    const result = await call();
    log.info('call', { tool, ms: Date.now() - begin });
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    log.info('call failed', { tool, ms: Date.now() - begin, error: reason });
    return failedResult(error, tool, log);
  }
}
