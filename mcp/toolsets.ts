import { catalogue, resources } from '../src/catalogue';
import type { Operation } from '../src/operation';

/**
 * What an assistant is offered unless the operator asks for more: what the main job needs and what answers the usual
 * questions, at most 20 tools.
 */
const usual: readonly string[] = [
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
  'cancel_deployment',
];

/** The names that `--toolsets` takes: one for each resource, besides `default` and `all`. */
export const toolsetNames: readonly string[] = ['default', 'all', ...Object.keys(resources)];

/** Operations of the named toolsets, in the order of the catalogue. */
export function operationsOf(toolsets: readonly string[]): readonly Operation[] {
  return catalogue.filter(
    ({ tool, resource }) =>
      toolsets.includes('all') ||
      toolsets.includes(resource) ||
      (toolsets.includes('default') && usual.includes(tool)),
  );
}
