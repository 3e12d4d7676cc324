import type { McpServer } from '@modelcontextprotocol/server';
import type { Operation } from '../../src/operation';
import type { Session } from '../connection/session';
import type { Observe } from '../observability/telemetry';
import { spell } from '../snake-case';

/** What hosts may read or offer besides tools. Everything in it can be had through tools as well. */
export const libraryCapabilities = {
  resources: { listChanged: false },
  prompts: { listChanged: false },
  completions: {},
} as const;

interface Library {
  readonly session: Session;
  readonly offered: readonly Operation[];
  readonly excludedTools: readonly string[];
  readonly observe: Observe;
}

/** Answers for resources, prompts and their completions. Their code is read with the first question. */
export function addLibrary(
  { server }: McpServer,
  { session, offered, excludedTools, observe }: Library,
): void {
  const resources = () => import('./resources');
  const guide = () => import('./guide');
  server.setRequestHandler('resources/list', async () => ({
    resources: (await resources()).listedResources(),
  }));
  server.setRequestHandler('resources/templates/list', async () => ({
    resourceTemplates: (await resources()).listedTemplates(excludedTools),
  }));
  server.setRequestHandler('resources/read', async ({ method, params: { uri } }, context) => {
    const { readResource } = await resources();
    const open = async () => ({ ...(await session.open()), signal: context.mcpReq.signal });
    return await observe(method, context, () => readResource(uri, open, offered, excludedTools));
  });
  server.setRequestHandler('prompts/list', async () => ({ prompts: (await guide()).listedPrompts() }));
  server.setRequestHandler('prompts/get', async ({ method, params }, context) => {
    const { filledPrompt } = await guide();
    return await observe(method, context, async () =>
      filledPrompt(params.name, params.arguments ?? {}, offered),
    );
  });
  server.setRequestHandler('completion/complete', async ({ method, params }, context) => {
    const { ref, argument } = params;
    const field =
      ref.type === 'ref/prompt'
        ? (await guide()).promptOf(ref.name).arguments[argument.name]
        : (await resources()).fieldOfTemplate(ref.uri, argument.name, excludedTools);
    if (field === undefined) return { completion: { values: [] } };
    const { completions } = await import('./completions');
    const parent = 'within' in field ? spell(field.within) : '';
    const within = params.context?.arguments?.[parent] ?? '';
    const open = async () => ({ ...(await session.open()), signal: context.mcpReq.signal });
    return await observe(method, context, () => completions(field, argument.value, within, open));
  });
}
