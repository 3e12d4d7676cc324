import { selectOperations } from '../../mcp/configuration/tool-selection';
import type { Effect } from '../../src/operation';

/** Switches of the MCP server, each with the effects of the operations that it allows. */
const SWITCHES: ReadonlyArray<readonly [name: string, allowed: readonly Effect[]]> = [
  ['none: reading only', ['read']],
  ['`--allow-write`', ['read', 'write']],
];

/** Table of the tools that are listed by default, for each set of switches, in the order of the catalogue. */
export const renderDefaultToolsTable = (): string =>
  [
    '| Switch | Tools |',
    '| --- | --- |',
    ...SWITCHES.map(([name, allowed]) => {
      const selection = { toolsets: ['default'], tools: [], excludedTools: [] };
      const { listed } = selectOperations(selection, ({ effect }) => allowed.includes(effect));
      return `| ${name} | ${listed.map(({ tool }) => `\`${tool}\``).join(', ')} |`;
    }),
  ].join('\n');
