import { isInputRequiredResult } from '@modelcontextprotocol/server';
import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  ServerContext,
  Tool,
} from '@modelcontextprotocol/server';
import { quoteText } from '../../src/model/untrusted-text';
import { InvalidParamsError } from '../invalid-params-error';

/** Runs a call of a tool with the arguments as they came, which `readInput` of the core checks. */
export type ToolCall = (
  given: Readonly<Record<string, unknown>>,
  context: ServerContext,
) => Promise<CallToolResult | InputRequiredResult>;

/** Maximum number of characters of an unknown tool in an error. */
const MAX_TOOL_NAME_LENGTH = 80;

/**
 * Adds the handlers that list and call tools. Those of the SDK keep the tools in an object, in which they would find
 * `toString` too, and quote unknown names as they came.
 */
export function addToolHandlers(
  { server }: McpServer,
  listed: readonly Tool[],
  calls: ReadonlyMap<string, ToolCall>,
): void {
  server.setRequestHandler('tools/list', () => ({ tools: [...listed] }));
  server.setRequestHandler('tools/call', async ({ params: { name, arguments: given = {} } }, context) => {
    const call = calls.get(name);
    if (call === undefined)
      throw new InvalidParamsError(`There is no tool "${quoteText(name, MAX_TOOL_NAME_LENGTH)}".`);
    const result = await call(given, context);
    return isInputRequiredResult(result) ? result : server.projectCallToolResult(result, undefined);
  });
}
