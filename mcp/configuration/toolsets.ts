import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

/**
 * What an assistant is offered unless the operator asks for more: what the main job needs and what answers the usual
 * questions, at most 20 tools.
 */
const usual: readonly string[] = [
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

/** The names that `--toolsets` takes: one for each resource, besides `default` and `all`. */
export const toolsetNames: readonly string[] = ['default', 'all', ...Object.keys(resources)];

/** Names that `--tools` and `--exclude-tools` take. */
export const toolNames: readonly string[] = catalogue.map(({ tool }) => tool);

/** Which tools the operator wants to offer. */
export interface Selection {
  readonly toolsets: readonly string[];
  /** Single ones besides those of the toolsets. */
  readonly tools: readonly string[];
  /** Those to leave out, whatever else names them. */
  readonly excludedTools: readonly string[];
}

/** Whether a toolset or its own name selects an operation. */
const selects = ({ toolsets, tools }: Selection, { tool, resource }: Operation): boolean =>
  tools.includes(tool) ||
  toolsets.includes('all') ||
  toolsets.includes(resource) ||
  (toolsets.includes('default') && usual.includes(tool));

/** The options that the operator would have to change to have a tool selected, in words; none when it is. */
export function optionsToSelect(selection: Selection, operation: Operation): readonly string[] {
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
 * The selected operations, in the order of the catalogue. Those that another selected one supersedes are not listed unless
 * they are named one by one; whoever knows their names may go on calling them.
 */
export function operationsOf(selection: Selection): {
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
