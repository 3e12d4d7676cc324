import { McpServer } from '@modelcontextprotocol/server';
import type { CallToolResult, ServerContext, Tool as ListedTool } from '@modelcontextprotocol/server';
import { CapabilityError } from '../src/api/errors';
import { catalogue } from '../src/catalogue';
import { timeoutInputOf, type Operation } from '../src/operation';
import type { AuditLog } from './confirmation/audit-log';
import type { Caller } from './caller/caller';
import type { ConfirmationTokens } from './confirmation/confirmation-tokens';
import { makeErrorResult } from './results/error-results';
import { makeServerInstructions } from './context/server-instructions';
import {
  addResourceAndPromptHandlers,
  resourceAndPromptCapabilities,
} from './context/resource-and-prompt-handlers';
import type { Log } from './observability/log';
import type { McpOptions } from './configuration/mcp-options';
import type { Permissions } from './caller/permissions';
import { allowsEffect } from './caller/permissions';
import type { CoriolisSession } from './connection/coriolis-session';
import type { RequestObserver, Telemetry } from './observability/telemetry';
import { selectOperations, findFlagsThatWouldSelect } from './configuration/tool-selection';
import type { Seal } from './confirmation/seal';
import { addTaskHandlers, clientSupportsTasks, tasksCapabilities } from './tasks/task-handlers';
import type { RenderedTool } from './tools/render-tools';
import { renderTools } from './tools/render-tools';
import { addToolHandlers } from './tools/tool-handlers';
import type { ToolCall } from './tools/tool-handlers';

/** Objects that all MCP servers of a process share. */
export interface SharedDependencies {
  readonly options: McpOptions;
  readonly version: string;
  readonly session: CoriolisSession;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly getConfirmationTokens: () => Promise<ConfirmationTokens>;
  readonly getAuditLog: () => Promise<AuditLog>;
  /** Seal of task ids. */
  readonly getTaskSeal: () => Promise<Seal>;
  /** Aborted when the process is about to end: waits then return as if their timeout had passed. */
  readonly shutdownController: AbortController;
}

/** Offer of the server to callers with certain permissions: tools, instructions, and the operations behind them. */
interface Surface {
  readonly tools: readonly RenderedTool[];
  readonly listed: readonly ListedTool[];
  readonly offered: readonly Operation[];
  /** Operations that the operator selected, including those that are not permitted. */
  readonly selected: readonly Operation[];
  /** Operations that cannot be called. A call of their tool is answered with the option that would enable it. */
  readonly withheld: readonly Operation[];
  readonly instructions: string;
}

/**
 * Creates MCP servers: one for each connection (stdio) or request (HTTP), all with the same session and confirmations.
 * The tools and instructions, which depend only on the permissions of the caller, are created once for each
 * permissions.
 */
export function makeServerFactory(service: SharedDependencies): (caller: Caller) => McpServer {
  const { options, version, session, log, telemetry, getConfirmationTokens, getAuditLog, getTaskSeal } =
    service;
  const endWaitsSignal = service.shutdownController.signal;
  const { maxWaitSeconds } = options;
  const surfaces = new Map<string, Surface>();
  const surfaceFor = (permissions: Permissions): Surface => {
    const key = JSON.stringify([permissions.write, permissions.destroy]);
    const surface = surfaces.get(key) ?? makeToolsAndInstructions(options, permissions);
    surfaces.set(key, surface);
    return surface;
  };

  return (caller) => {
    const {
      tools,
      listed,
      offered,
      selected,
      withheld,
      instructions: words,
    } = surfaceFor(caller.permissions);
    const server = new McpServer(
      { name: 'coriolis-mcp', title: 'Coriolis', version },
      {
        instructions: words,
        capabilities: {
          tools: { listChanged: false },
          ...resourceAndPromptCapabilities,
          ...tasksCapabilities,
        },
      },
    );
    const confirmationSettings = {
      getConfirmationTokens,
      asksPerson: options.confirmationMode === 'elicit',
      server,
    };
    const observe: RequestObserver = (method, context, run) =>
      telemetry.runAndRecordCall(
        { method, waitsForWork: false, caller, readSentText: metaOrHeader(context) },
        run,
      );
    const callable = tools.map(({ operation }) => operation);
    const callContext = {
      session,
      caller,
      confirmationSettings,
      getAuditLog,
      offered,
      callable,
      maxWaitSeconds,
      getTaskSeal,
      log,
      endWaitsSignal,
    };
    const calls = new Map<string, ToolCall>();
    for (const { name, operation } of tools) {
      calls.set(name, (given, context) =>
        runLogged(name, log, callable, () =>
          telemetry.runAndRecordCall(
            {
              method: 'tools/call',
              tool: name,
              waitsForWork: isWait(operation),
              caller,
              readSentText: metaOrHeader(context),
            },
            async () => {
              // Loaded with the first call, because hosts wait for the list of tools.
              const { callToolAsTask, callTool } = await import('./first-call-modules');
              const serve = clientSupportsTasks(context) ? callToolAsTask : callTool;
              return await serve(callContext, operation, given, context);
            },
          ),
        ),
      );
    }
    // A call of a disabled tool is answered with the option that enables it.
    for (const operation of withheld) {
      calls.set(operation.tool, () =>
        runLogged(operation.tool, log, callable, () => Promise.reject(disabledToolError(operation, options))),
      );
    }
    addToolHandlers(server, listed, calls);
    addTaskHandlers(server, callContext, observe);
    addResourceAndPromptHandlers(server, { session, offered, selected, observe });
    return server;
  };
}

/** Sentence that the instructions have with `--sandbox`. */
const SANDBOX = 'This is an embedded sandbox to try: nothing in it is real, and it ends with this server.';

/** Creates the tools and instructions for callers with these permissions. */
export function makeToolsAndInstructions(options: McpOptions, permissions: Permissions): Surface {
  const { listed, unlisted } = selectOperations(options, ({ effect }) => allowsEffect(permissions, effect));
  const shown = renderTools(listed, permissions);
  const tools = [...shown, ...renderTools(unlisted, permissions)];
  const answering = tools.map(({ operation }) => operation);
  const offered = shown.map(({ operation }) => operation);
  return {
    tools,
    listed: shown.map(listedTool),
    offered,
    selected: [...listed, ...unlisted],
    withheld: catalogue.filter((operation) => !answering.includes(operation)),
    instructions: [
      makeServerInstructions(offered, permissions, options.toolsets, options.maxWaitSeconds),
      ...(options.usesSandbox ? [SANDBOX] : []),
    ].join('\n'),
  };
}

/** Reads a text that the client sent beside the arguments: from `_meta`, else from an HTTP header. */
const metaOrHeader =
  ({ mcpReq, http }: ServerContext) =>
  (name: string): string | undefined => {
    const value = mcpReq._meta?.[name];
    return typeof value === 'string' ? value : (http?.req?.headers.get(name) ?? undefined);
  };

const isWait = (operation: Operation): boolean => timeoutInputOf(operation) !== undefined;

/**
 * Tools with a picture of their result (the board), which hosts with the extension MCP Apps show. Other hosts ignore the key
 * `_meta`.
 */
const boardTools: ReadonlySet<string> = new Set([
  'summarize_estate',
  'get_wave',
  'run_wave',
  'wait_for',
  'get_execution',
  'wait_for_execution',
  'get_deployment',
  'wait_for_deployment',
  'report_rpo',
]);
const BOARD_META = { ui: { resourceUri: 'ui://coriolis/board' } };

const listedTool = ({ name, title, description, input, output, annotations }: RenderedTool): ListedTool => ({
  ...(boardTools.has(name) ? { _meta: BOARD_META } : {}),
  name,
  title,
  description,
  inputSchema: { ...input, type: 'object' },
  outputSchema: { ...output, type: 'object' },
  annotations,
});

function disabledToolError(operation: Operation, options: McpOptions): CapabilityError {
  const { tool, effect } = operation;
  const isPermitted = allowsEffect(options.permissions, effect);
  const missing = [
    ...(isPermitted ? [] : [effect === 'write' ? '--allow-write' : '--allow-destroy']),
    ...findFlagsThatWouldSelect(options, operation),
  ];
  if (missing.length === 0) {
    return new CapabilityError(`${tool} needs a token with the scope ${effect}.`, {
      advice: 'Nothing was done. Only the operator can give out such a token.',
    });
  }
  return new CapabilityError(`${tool} is disabled here.`, {
    advice: `Nothing was done. Only the operator can enable it, by starting this MCP server with ${missing.join(' and ')}.`,
  });
}

/** Runs a call, writes one line to the log, and turns errors into results. */
async function runLogged<Result>(
  tool: string,
  log: Log,
  callable: readonly Operation[],
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
    return makeErrorResult(error, tool, log, callable);
  }
}
