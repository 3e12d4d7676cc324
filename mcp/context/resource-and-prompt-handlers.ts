import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { contextForCaller } from '../../src/api/operation-context';
import type { Coriolis } from '../../src/api/operation-context';
import type { Operation } from '../../src/operation';
import type { CoriolisSession } from '../connection/coriolis-session';
import type { RequestObserver } from '../observability/telemetry';
import { formatProtocolErrorMessage } from '../results/error-results';
import { toSnakeCase } from '../snake-case';

/**
 * Server capabilities besides tools: resources, prompts, completions. Clients that cannot use them miss nothing,
 * because tools return the same data.
 */
export const resourceAndPromptCapabilities = {
  resources: { listChanged: false },
  prompts: { listChanged: false },
  completions: {},
} as const;

interface ContextOptions {
  readonly session: CoriolisSession;
  readonly offered: readonly Operation[];
  readonly selected: readonly Operation[];
  readonly observe: RequestObserver;
}

/** Timeout of reading a resource, in milliseconds. */
const READ_MS = 45_000;
/** Timeout of a completion, in milliseconds: short, because the user is typing. */
const COMPLETION_MS = 10_000;

async function openForRequest(session: CoriolisSession, signal: AbortSignal, ms: number): Promise<Coriolis> {
  const coriolis = await session.open();
  return contextForCaller(coriolis, { signal, deadline: coriolis.clock() + ms });
}

/** Adds the handlers of resources, prompts and completions. Their code is loaded with the first request. */
export function addResourceAndPromptHandlers(
  { server }: McpServer,
  { session, offered, selected, observe }: ContextOptions,
): void {
  const resources = () => import('./resources');
  const guide = () => import('./prompts');
  server.setRequestHandler('resources/list', async () => ({
    resources: (await resources()).listResources(selected),
  }));
  server.setRequestHandler('resources/templates/list', async () => ({
    resourceTemplates: (await resources()).listResourceTemplates(selected),
  }));
  server.setRequestHandler('resources/read', async ({ method, params: { uri } }, context) => {
    const { fetchResource: readResource } = await resources();
    const open = () => openForRequest(session, context.mcpReq.signal, READ_MS);
    return await observe(method, context, () => readResource(uri, open, offered, selected));
  });
  server.setRequestHandler('prompts/list', async () => ({
    prompts: (await guide()).listPrompts(selected),
  }));
  server.setRequestHandler('prompts/get', async ({ method, params }, context) => {
    const { fillPrompt: filledPrompt } = await guide();
    return await observe(method, context, async () =>
      filledPrompt(params.name, params.arguments ?? {}, offered, selected),
    );
  });
  server.setRequestHandler('completion/complete', async ({ method, params }, context) => {
    const { ref, argument } = params;
    const field =
      ref.type === 'ref/prompt'
        ? (await guide()).findPrompt(ref.name, selected).arguments[argument.name]
        : (await resources()).fieldOfUriVariable(ref.uri, argument.name, selected);
    if (field === undefined) return { completion: { values: [] } };
    const { completeArgument } = await import('./complete-argument');
    const parent = 'within' in field ? toSnakeCase(field.within ?? '') : '';
    const within = params.context?.arguments?.[parent] ?? '';
    const open = () => openForRequest(session, context.mcpReq.signal, COMPLETION_MS);
    return await observe(method, context, () =>
      completeArgument(field, argument.value, within, open).catch((error: unknown) => {
        throw isCoriolisError(error)
          ? new ProtocolError(ProtocolErrorCode.InternalError, formatProtocolErrorMessage(error))
          : error;
      }),
    );
  });
}
