import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { McpServer, ServerContext, StandardSchemaV1 } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { declares } from '../caller/client';
import { failedResult } from '../results/errors';
import type { Observe } from '../observability/telemetry';
import type { TaskDesk } from './task';

/** The extension of the protocol that lets a call be answered with a task (SEP-2663). */
const TASKS = 'io.modelcontextprotocol/tasks';

export const tasksCapabilities = { extensions: { [TASKS]: {} } };

/** Whether a call may be answered with a task. */
export const mayGetTask = (context: ServerContext): boolean => declares(context, TASKS);

type Params = Readonly<Record<string, unknown>>;

/** Parameters as they come; `requireTask` judges what they say. */
const anything: StandardSchemaV1<Params> = {
  '~standard': {
    version: 1,
    vendor: 'coriolis-mcp',
    validate: (value) => ({ value: (value ?? {}) as Params }),
  },
};

/**
 * Answers for tasks. Nothing is asked in the course of one, so an update is acknowledged and changes nothing. Neither
 * does cancelling one, which is a wish that the extension leaves to the server: what runs in Coriolis is only stopped
 * through the tool that says so, with its own permission.
 */
export function addTasks({ server }: McpServer, desk: TaskDesk, observe: Observe): void {
  const method = (
    name: string,
    answer: (params: Params, context: ServerContext) => Promise<Params>,
  ): void => {
    server.setRequestHandler(name, { params: anything }, async (params, context) => {
      if (!mayGetTask(context)) {
        throw new MissingRequiredClientCapabilityError(
          { requiredCapabilities: tasksCapabilities },
          `${name} is for clients that declare the extension ${TASKS}.`,
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
    const { content } = failedResult(error, name, desk.log);
    const words = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return new ProtocolError(ProtocolErrorCode.InternalError, words);
  };
  const acknowledge = async ({ taskId }: Params): Promise<Params> => {
    const { requireTask } = await import('../call-chunk');
    await requireTask(desk, taskId);
    return {};
  };
  method('tasks/get', async ({ taskId }, context) => {
    const { lookAtTask } = await import('../call-chunk');
    return await lookAtTask(desk, taskId, context);
  });
  method('tasks/update', acknowledge);
  method('tasks/cancel', acknowledge);
}
