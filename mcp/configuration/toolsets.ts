import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

/** Tools of the toolset `default`: a migration and the usual questions about it, at most 20 tools. */
const defaultTools: readonly string[] = [
  'summarize_estate',
  'get_provider_schema',
  'list_endpoints',
  'validate_endpoint',
  'list_endpoint_networks',
  'list_instances',
  'get_instance',
  'list_transfers',
  'get_transfer',
  'create_transfer',
  'preflight_transfer',
  'execute_transfer',
  'get_execution',
  'wait_for',
  'diagnose_execution',
  'cancel_execution',
  'list_deployments',
  'get_deployment',
  'deploy_transfer',
  'diagnose_deployment',
];

/** Names that `--toolsets` accepts: `default`, `all` and one for each resource. */
export const toolsetNames: readonly string[] = ['default', 'all', ...Object.keys(resources)];

/** Names that `--tools` and `--exclude-tools` accept. */
export const toolNames: readonly string[] = catalogue.map(({ tool }) => tool);

/** Selection of tools by the operator. */
export interface ToolSelection {
  readonly toolsets: readonly string[];
  /** Single tools besides those of the toolsets. */
  readonly tools: readonly string[];
  /** Tools to leave out; overrides the others. */
  readonly excludedTools: readonly string[];
}

/** Whether a toolset or its own name selects an operation. */
const selects = ({ toolsets, tools }: ToolSelection, { tool, resource }: Operation): boolean =>
  tools.includes(tool) ||
  toolsets.includes('all') ||
  toolsets.includes(resource) ||
  (toolsets.includes('default') && defaultTools.includes(tool));

/** Command-line options that would select a tool; empty when it is selected. */
export function optionsThatWouldSelect(selection: ToolSelection, operation: Operation): readonly string[] {
  const { toolsets, tools, excludedTools } = selection;
  const named = [
    ...(toolsets.length === 0 ? [] : [`--toolsets ${toolsets.join(',')}`]),
    `--tools ${[...tools, operation.tool].join(',')}`,
  ].join(' ');
  return [
    ...(selects(selection, operation) ? [] : [named]),
    ...(excludedTools.includes(operation.tool) ? ['--exclude-tools without it'] : []),
  ];
}

/**
 * Selected operations, in the order of the catalogue. Operations that a selected one supersedes are not listed unless
 * `--tools` names them, but can still be called.
 */
export function selectOperations(selection: ToolSelection): {
  readonly listed: readonly Operation[];
  readonly unlisted: readonly Operation[];
} {
  const { tools, excludedTools } = selection;
  const isWanted = (operation: Operation): boolean => selects(selection, operation);
  const isFree = ({ tool }: Operation): boolean => !excludedTools.includes(tool);
  const selected = catalogue.filter((operation) => isFree(operation) && isWanted(operation));
  const isSuperseded = ({ supersededBy, tool }: Operation): boolean =>
    !tools.includes(tool) && selected.some((one) => operationId(one) === supersededBy?.operation);
  return {
    listed: selected.filter((operation) => !isSuperseded(operation)),
    unlisted: catalogue.filter((operation) => isFree(operation) && isSuperseded(operation)),
  };
}
