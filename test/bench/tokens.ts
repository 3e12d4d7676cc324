import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { loginVariablesOf } from '../../sandbox/login-variables';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { atMost, type Benchmark, type Figure } from './figure';
import { withSandboxProcess } from '../support/sandbox-process';

const SERVER = join(__dirname, '..', '..', 'mcp', 'dist', 'coriolis-mcp.cjs');
const TRANSFERS = 10_000;

const tokensOf = (text: string): number => encode(text).length;

/** What a model reads: the list of tools, and typical results on a large estate. */
export const tokens: Benchmark = {
  name: 'tokens',
  title: `tools and results in tokens, ${TRANSFERS.toLocaleString('en-US')} transfers`,
  run: () =>
    withSandboxProcess({ transfers: TRANSFERS, speed: 1000 }, async (connection) => [
      ...(await toolFigures(connection)),
      ...(await withServer(connection, ['--allow-write'], resultFigures)),
    ]),
};

async function withServer<T>(
  connection: SandboxConnection,
  args: readonly string[],
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ name: 'bench', version: '1' });
  const env = { ...loginVariablesOf(connection) };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [SERVER, ...args], env }));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

interface ToolSize {
  readonly name: string;
  readonly size: number;
}

/** Largest first. What hosts put into the prompt: name, description and input schema. */
async function toolSizes(client: Client): Promise<readonly ToolSize[]> {
  const { tools } = await client.listTools();
  return tools
    .map(({ name, description, inputSchema }) => ({
      name,
      size: tokensOf(JSON.stringify({ name, description, inputSchema })),
    }))
    .sort((one, other) => other.size - one.size);
}

const sum = (tools: readonly ToolSize[]): number => tools.reduce((total, { size }) => total + size, 0);

async function toolFigures(connection: SandboxConnection): Promise<readonly Figure[]> {
  const usual = await withServer(connection, [], toolSizes);
  const writing = await withServer(connection, ['--allow-write'], toolSizes);
  const all = await withServer(connection, ['--allow-destroy', '--toolsets', 'all'], toolSizes);
  const shown = 'o200k, name, description and input schema';
  return [
    {
      name: 'tools/list, default',
      value: sum(usual),
      unit: 'tokens',
      against: `${usual.length} tools, read-only; ${shown}`,
      budget: atMost(3500),
    },
    {
      name: 'tools/list, default with --allow-write',
      value: sum(writing),
      unit: 'tokens',
      against: `${writing.length} tools; ${shown}`,
      budget: atMost(3500),
    },
    {
      name: 'tools/list, everything',
      value: sum(all),
      unit: 'tokens',
      against: `${all.length} tools, --allow-destroy --toolsets all; ${shown}`,
      budget: atMost(12_000),
    },
    {
      name: 'largest tool',
      value: all[0]?.size ?? 0,
      unit: 'tokens',
      against: `${all[0]?.name ?? 'none'} of everything; ${shown}`,
      budget: atMost(350),
    },
  ];
}

interface Row {
  readonly id: string;
  readonly status: string;
}

async function resultFigures(client: Client): Promise<readonly Figure[]> {
  const call = async (name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: args });
    const content = answer.content as ReadonlyArray<{ readonly text?: string }>;
    const text = content.map((part) => part.text ?? '').join('\n');
    if (answer.isError === true) throw new Error(`${name}: ${text}`);
    return { size: tokensOf(text), structured: answer.structuredContent as Record<string, unknown> };
  };
  const resultOf = (structured: Record<string, unknown>) => structured['result'] as Row;

  const page = await call('list_transfers', {});
  const longest = await call('list_transfers', { limit: 100 });
  const executed = await call('list_transfers', { status: 'COMPLETED', limit: 1 });
  const failed = await call('list_transfers', { status: 'ERROR', limit: 1 });
  const idOf = ({ structured }: { structured: Record<string, unknown> }): string => {
    const rows = Object.values(structured).find(Array.isArray) as readonly Row[] | undefined;
    const [first] = rows ?? [];
    if (first === undefined) throw new Error(`no rows in ${Object.keys(structured).join(', ')}`);
    return first.id;
  };
  const transfer = await call('get_transfer', { transfer_id: idOf(executed) });
  const started = await call('execute_transfer', { transfer_id: idOf(executed) });
  const execution = { transfer_id: idOf(executed), execution_id: resultOf(started.structured).id };
  const waited = await call('wait_for_execution', execution);
  const waitedFor = await call('wait_for', {
    executions: [`${execution.transfer_id}/${execution.execution_id}`],
  });
  const summary = await call('summarize_estate', {});
  const checked = await call('preflight_transfer', { transfer_id: idOf(executed) });
  const got = await call('get_execution', execution);
  const failing = resultOf((await call('get_transfer', { transfer_id: idOf(failed) })).structured) as Row & {
    readonly executions: readonly Row[];
  };
  const diagnosed = await call('diagnose', {
    transfer_id: failing.id,
    execution_id: failing.executions[0]?.id ?? '',
  });

  const estate = `o200k, the text of the result; ${TRANSFERS.toLocaleString('en-US')} transfers`;
  const figure = (name: string, { size }: { size: number }, limit: number): Figure => ({
    name,
    value: size,
    unit: 'tokens',
    against: estate,
    budget: atMost(limit),
  });
  return [
    figure('list_transfers, default page', page, 4000),
    figure('list_transfers, longest page', longest, 4000),
    figure('get_transfer', transfer, 2000),
    figure('get_execution', got, 2000),
    figure('wait_for_execution', waited, 500),
    figure('wait_for, one execution', waitedFor, 500),
    figure('summarize_estate, “what is going on” in one call', summary, 1500),
    figure('preflight_transfer, “is it safe” in one call', checked, 2000),
    figure('diagnose, “why did it fail” in one call', diagnosed, 800),
  ];
}
