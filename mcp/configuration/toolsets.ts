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

/**
 * The selected operations, in the order of the catalogue. Those that another selected one supersedes are not listed unless
 * they are named one by one; whoever knows their names may go on calling them.
 */
export function operationsOf({ toolsets, tools, excludedTools }: Selection): {
  readonly listed: readonly Operation[];
  readonly unlisted: readonly Operation[];
} {
  const isWanted = ({ tool, resource }: Operation): boolean =>
    tools.includes(tool) ||
    toolsets.includes('all') ||
    toolsets.includes(resource) ||
    (toolsets.includes('default') && usual.includes(tool));
  const isFree = ({ tool }: Operation): boolean => !excludedTools.includes(tool);
  const selected = catalogue.filter((operation) => isFree(operation) && isWanted(operation));
  const isSuperseded = ({ supersededBy, tool }: Operation): boolean =>
    !tools.includes(tool) && selected.some((one) => operationId(one) === supersededBy?.operation);
  return {
    listed: selected.filter((operation) => !isSuperseded(operation)),
    unlisted: catalogue.filter((operation) => isFree(operation) && isSuperseded(operation)),
  };
}
