import type { CallToolResult } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import type { CoriolisError } from '../../src/api/errors';
import { cut, maskSecrets, stripInvisible } from '../../src/model/untrusted';
import type { Log } from '../observability/log';

const LONGEST_MESSAGE = 1500;

/**
 * An error as a result that a model can act on: what failed, in the server's own words where it gave any, what to do
 * next, and the request id for support. Never a stack.
 */
export function failedResult(error: unknown, tool: string, log: Log): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: describe(error, tool, log) }] };
}

function describe(error: unknown, tool: string, log: Log): string {
  if (isCoriolisError(error)) {
    const lines = [
      `${tool} failed (${error.kind}): ${withQuotation(error)}`,
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
    `${tool} failed because of a mistake in this MCP server: ${error instanceof Error ? error.message : 'unknown'}.\nNext: Report it with the log of the server; trying again will not help.`,
  );
}

/**
 * The message with the server's words in quotation marks, which nothing in them closes: they may quote what guests, users
 * and providers wrote.
 */
function withQuotation({ message, serverMessage: words }: CoriolisError): string {
  if (words === undefined || words === '' || !message.includes(words)) return message;
  const [before = '', ...after] = message.split(words);
  return `${before}the server said «${words.replace(/[«»]/gu, '"')}»${after.join(words)}`;
}

const shown = (text: string): string => cut(stripInvisible(maskSecrets(text)), LONGEST_MESSAGE);
