import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const SERVER = join(__dirname, '..', 'mcp', 'dist', 'coriolis-mcp.cjs');

/** Diagnosis of a failed execution, as the demo shows it. */
export interface Diagnosis {
  readonly toolCalls: number;
  readonly task: string;
  readonly summary: string;
  readonly knownError: string | null;
  readonly nextSteps: readonly string[];
}

/** Keys of the tool's result that the demo uses. */
interface Finding {
  readonly summary: string;
  readonly cause: { readonly task_type: string | null } | null;
  readonly known_error: { readonly title: string } | null;
  readonly next_steps: readonly string[];
}

/**
 * Starts the built MCP server and asks it why an execution failed, as an assistant does: with one tool call.
 * @param environment the login, as `OS_*` variables
 */
export async function diagnoseWithAssistant(
  environment: Readonly<Record<string, string>>,
  execution: { readonly transferId: string; readonly executionId: string },
  signal: AbortSignal,
): Promise<Diagnosis> {
  const client = new Client({ name: 'coriolis-demo', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER],
    env: { ...environment },
    stderr: 'inherit',
  });
  await client.connect(transport, { signal });
  try {
    const answer = await client.callTool(
      {
        name: 'diagnose',
        arguments: { transfer_id: execution.transferId, execution_id: execution.executionId },
      },
      undefined,
      { signal },
    );
    if (answer.isError === true)
      throw new Error(`The MCP server could not tell: ${JSON.stringify(answer.content)}`);
    const { result: finding } = answer.structuredContent as { readonly result: Finding };
    return {
      toolCalls: 1,
      task: finding.cause?.task_type ?? '',
      summary: finding.summary,
      knownError: finding.known_error?.title ?? null,
      nextSteps: finding.next_steps,
    };
  } finally {
    await client.close();
  }
}
