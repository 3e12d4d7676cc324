import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { McpServer, ServerContext, StandardSchemaV1 } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { declaresExtension } from '../caller/client-capabilities';
import { makeErrorResult } from '../results/error-results';
import type { RequestObserver } from '../observability/telemetry';
import type { McpTaskContext } from './call-as-task';

/** Protocol extension for tasks (SEP-2663). */
const TASKS = 'io.modelcontextprotocol/tasks';

export const tasksCapabilities = { extensions: { [TASKS]: {} } };

/** Whether the client supports tasks as answers to calls. */
export const clientSupportsTasks = (context: ServerContext): boolean => declaresExtension(context, TASKS);

type Params = Readonly<Record<string, unknown>>;

/** Schema that accepts all parameters; `decodeTaskId` checks them. */
const anything: StandardSchemaV1<Params> = {
  '~standard': {
    version: 1,
    vendor: 'coriolis-mcp',
    validate: (value) => ({ value: (value ?? {}) as Params }),
  },
};

/**
 * Registers the handlers of `tasks/*`. `tasks/update` is only acknowledged, because these tasks never ask for input.
 * `tasks/cancel` is only acknowledged too, which the extension allows: work is stopped by the tools that cancel it,
 * which need a permission of their own.
 */
export function addTaskHandlers(
  { server }: McpServer,
  callContext: McpTaskContext,
  observe: RequestObserver,
): void {
  const method = (
    name: string,
    answer: (params: Params, context: ServerContext) => Promise<Params>,
  ): void => {
    server.setRequestHandler(name, { params: anything }, async (params, context) => {
      if (!clientSupportsTasks(context)) {
        throw new MissingRequiredClientCapabilityError(
          { requiredCapabilities: tasksCapabilities },
          `${name} needs a client that declares the extension ${TASKS}.`,
        );
      }
      try {
        return { ...(await observe(name, context, () => answer(params, context))) };
      } catch (error) {
        throw isCoriolisError(error) ? inWords(error, name) : error;
      }
    });
  };
  const inWords = (error: Error, name: string): ProtocolError => {
    const { content } = makeErrorResult(error, name, callContext.log);
    const words = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return new ProtocolError(ProtocolErrorCode.InternalError, words);
  };
  const acknowledge = async ({ taskId }: Params): Promise<Params> => {
    const { decodeTaskId } = await import('../first-call-modules');
    await decodeTaskId(callContext, taskId);
    return {};
  };
  method('tasks/get', async ({ taskId }, context) => {
    const { pollTask } = await import('../first-call-modules');
    return await pollTask(callContext, taskId, context);
  });
  method('tasks/update', acknowledge);
  method('tasks/cancel', acknowledge);
}
