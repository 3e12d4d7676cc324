import { McpServer } from '@modelcontextprotocol/server';
import type { CallToolResult, ServerContext, Tool as ListedTool } from '@modelcontextprotocol/server';
import { CapabilityError } from '../src/api/errors';
import { catalogue } from '../src/catalogue';
import type { Operation } from '../src/operation';
import type { Audit } from './confirmation/audit';
import type { Caller } from './caller/caller';
import type { Confirmations } from './confirmation/confirm';
import { failedResult } from './results/errors';
import { instructions } from './context/instructions';
import { addLibrary, libraryCapabilities } from './context/register';
import type { Log } from './observability/log';
import type { Options } from './configuration/options';
import type { Permissions } from './caller/permissions';
import { allows } from './caller/permissions';
import type { Session } from './connection/session';
import type { Observe, Telemetry } from './observability/telemetry';
import { operationsOf, optionsToSelect } from './configuration/toolsets';
import type { Seal } from './confirmation/seal';
import { addTasks, mayGetTask, tasksCapabilities } from './tasks/tasks';
import type { Tool } from './tools/tools';
import { advertised, renderTools } from './tools/tools';

/** What all servers of a process share. */
export interface Service {
  readonly options: Options;
  readonly version: string;
  readonly session: Session;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly confirmations: () => Promise<Confirmations>;
  readonly audit: () => Promise<Audit>;
  /** Proves the ids of tasks. */
  readonly taskSeal: () => Promise<Seal>;
}

/** What a server shows to everybody with the same permissions. */
interface Surface {
  readonly tools: ReadonlyArray<Tool & { readonly inputSchema: ReturnType<typeof advertised> }>;
  readonly listed: readonly ListedTool[];
  readonly offered: readonly Operation[];
  readonly withheld: readonly Operation[];
  readonly instructions: string;
}

/**
 * Makes servers: one for each connection (stdio) or request (HTTP), all with the same session and confirmations.
 * Everything that only depends on the permissions of the caller is made once.
 */
export function serverFactory(service: Service): (caller: Caller) => McpServer {
  const { options, version, session, log, telemetry, confirmations, audit, taskSeal } = service;
  const { maxWaitSeconds } = options;
  const surfaces = new Map<string, Surface>();
  const surfaceFor = (permissions: Permissions): Surface => {
    const key = JSON.stringify([permissions.write, permissions.destroy]);
    const surface = surfaces.get(key) ?? surfaceOf(options, permissions);
    surfaces.set(key, surface);
    return surface;
  };

  return (caller) => {
    const { tools, listed, offered, withheld, instructions: words } = surfaceFor(caller.permissions);
    const server = new McpServer(
      { name: 'coriolis-mcp', title: 'Coriolis', version },
      {
        instructions: words,
        capabilities: { tools: { listChanged: false }, ...libraryCapabilities, ...tasksCapabilities },
      },
    );
    const confirmer = { confirmations, asks: options.confirm === 'elicit', server };
    const observe: Observe = (method, context, run) =>
      telemetry.call({ method, waits: false, caller, sent: sentWith(context) }, run);
    const desk = { session, caller, confirmer, audit, offered, maxWaitSeconds, taskSeal, log };
    for (const { name, inputSchema, operation } of tools) {
      server.registerTool(name, { inputSchema }, (given, context) =>
        recorded(name, log, () =>
          telemetry.call(
            { method: 'tools/call', tool: name, waits: waits(operation), caller, sent: sentWith(context) },
            async () => {
              // What only calls need is read with the first one: hosts wait for the list of tools.
              const { callForTask, callTool } = await import('./call-chunk');
              const serve = mayGetTask(context) ? callForTask : callTool;
              return await serve(desk, operation, given, context);
            },
          ),
        ),
      );
    }
    // Known to whoever read the documentation: a call is answered with how to switch it on.
    for (const operation of withheld) {
      server.registerTool(operation.tool, {}, () =>
        recorded(operation.tool, log, () => Promise.reject(switchedOff(operation, options))),
      );
    }
    addTasks(server, desk, observe);
    addLibrary(server, { session, offered, excludedTools: options.excludedTools, observe });
    server.server.setRequestHandler('tools/list', () => ({ tools: [...listed] }));
    return server;
  };
}

const SANDBOX = 'This is an embedded sandbox to try: nothing in it is real, and it ends with this server.';

/** What callers with these permissions are shown. */
export function surfaceOf(options: Options, permissions: Permissions): Surface {
  const { listed, unlisted } = operationsOf(options);
  const shown = renderTools(listed, permissions);
  const tools = [...shown, ...renderTools(unlisted, permissions)].map((tool) => ({
    ...tool,
    inputSchema: advertised(tool.input),
  }));
  const answering = tools.map(({ operation }) => operation);
  const offered = shown.map(({ operation }) => operation);
  return {
    tools,
    listed: shown.map(listedTool),
    offered,
    withheld: catalogue.filter((operation) => !answering.includes(operation)),
    instructions: [
      instructions(offered, permissions, options.toolsets, options.maxWaitSeconds),
      ...(options.sandbox ? [SANDBOX] : []),
    ].join('\n'),
  };
}

/** What came with a request beside its parameters' own keys. */
const sentWith =
  ({ mcpReq, http }: ServerContext) =>
  (name: string): string | undefined => {
    const value = mcpReq._meta?.[name];
    return typeof value === 'string' ? value : (http?.req?.headers.get(name) ?? undefined);
  };

const waits = (operation: Operation): boolean =>
  operation.kind === 'single' && operation.boundedBy !== undefined;

const listedTool = ({ name, title, description, input, output, annotations }: Tool): ListedTool => ({
  name,
  title,
  description,
  inputSchema: { ...input, type: 'object' },
  outputSchema: { ...output, type: 'object' },
  annotations,
});

function switchedOff(operation: Operation, options: Options): CapabilityError {
  const { tool, effect } = operation;
  const isPermitted = allows(options.permissions, effect);
  const missing = [
    ...(isPermitted ? [] : [effect === 'write' ? '--allow-write' : '--allow-destroy']),
    ...optionsToSelect(options, operation),
  ];
  if (missing.length === 0) {
    return new CapabilityError(`${tool} needs a token with the scope ${effect}.`, {
      advice: 'Nothing was done. Only the operator can give out such a token.',
    });
  }
  return new CapabilityError(`${tool} is switched off here.`, {
    advice: `Nothing was done. Only the operator can switch it on, by starting this MCP server with ${missing.join(' and ')}.`,
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
