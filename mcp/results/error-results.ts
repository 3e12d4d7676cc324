import type { CallToolResult } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import type { CoriolisError } from '../../src/api/errors';
import { disarmMarkup, truncate, maskSecrets, stripInvisible } from '../../src/model/untrusted-text';
import { operationId, type Operation } from '../../src/operation';
import { toToolArguments } from '../tools/arguments-under-options';
import type { Log } from '../observability/log';

const MAX_MESSAGE_LENGTH = 1500;

/**
 * Turns an error into a result for a model: the message, with Coriolis' own text where it sent one, what to do next,
 * and the request id. The result never has a stack; an unexpected error is logged with its stack.
 */
export function makeErrorResult(
  error: unknown,
  tool: string,
  log: Log,
  callable: readonly Operation[] = [],
): CallToolResult {
  const calls = isCoriolisError(error) ? suggestedCalls(error, callable) : [];
  return {
    isError: true,
    content: [{ type: 'text', text: [describe(error, tool, log), ...calls.map(shown)].join('\n') }],
  };
}

/** Suggested calls, each as a tool with its arguments. */
const suggestedCalls = ({ next }: CoriolisError, callable: readonly Operation[]): readonly string[] =>
  next.flatMap(({ operation, input }) => {
    const found = callable.find((one) => operationId(one) === operation);
    return found === undefined
      ? []
      : [`Call: ${found.tool} ${JSON.stringify(toToolArguments(found, input))}`];
  });

/** Message for a JSON-RPC error: the error's text with its markup disarmed. */
export const formatProtocolErrorMessage = (error: CoriolisError): string =>
  shown(withQuotedServerText(error));

function describe(error: unknown, tool: string, log: Log): string {
  if (isCoriolisError(error)) {
    const lines = [
      `${tool} failed (${error.kind}): ${withQuotedServerText(error)}`,
      error.advice === undefined ? undefined : `Next: ${error.advice}`,
      error.requestId === undefined ? undefined : `Request id: ${error.requestId}`,
    ];
    return shown(lines.filter((line) => line !== undefined).join('\n'));
  }
  log.error('unexpected error', {
    tool,
    stack: error instanceof Error ? (error.stack ?? '') : String(error),
  });
  return shown(
    `${tool} failed because of a bug in this MCP server: ${error instanceof Error ? error.message : 'unknown'}.\nNext: Report it with the log of the server; trying again will not help.`,
  );
}

/**
 * Puts the text of Coriolis in a message into « ». These characters inside the text are replaced, because guests and
 * users may have written it and could pretend that the quotation ends.
 */
function withQuotedServerText({ message, serverMessage: words }: CoriolisError): string {
  if (words === undefined || words === '' || !message.includes(words)) return message;
  const [before = '', ...after] = message.split(words);
  return `${before}the server said «${words.replace(/[«»]/gu, '"')}»${after.join(words)}`;
}

const shown = (text: string): string =>
  truncate(disarmMarkup(stripInvisible(maskSecrets(text))), MAX_MESSAGE_LENGTH);
