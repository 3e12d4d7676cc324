import { catalogue, resources } from '../src/catalogue';
import type { Operation } from '../src/operation';

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
  'execute_transfer',
  'get_execution',
  'wait_for_execution',
  'diagnose_execution',
  'cancel_execution',
  'list_deployments',
  'get_deployment',
  'deploy_transfer',
  'wait_for_deployment',
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

/** The selected operations, in the order of the catalogue. */
export function operationsOf({ toolsets, tools, excludedTools }: Selection): readonly Operation[] {
  const isWanted = ({ tool, resource }: Operation): boolean =>
    tools.includes(tool) ||
    toolsets.includes('all') ||
    toolsets.includes(resource) ||
    (toolsets.includes('default') && usual.includes(tool));
  return catalogue.filter((operation) => isWanted(operation) && !excludedTools.includes(operation.tool));
}
