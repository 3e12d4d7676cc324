import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

/** Maximum number of tools of the toolset `default` that are listed. */
const MAX_DEFAULT_TOOLS = 20;

/**
 * Tools of the toolset `default`, the most needed first: those for a migration, for a replica, and for the usual
 * questions about them. The client's list has the first {@link MAX_DEFAULT_TOOLS} that the permissions allow. The rest
 * can be called without being listed.
 */
const defaultTools: readonly string[] = [
  'summarize_estate',
  'list_endpoints',
  'list_instances',
  'list_transfers',
  'get_transfer',
  'create_transfer',
  'create_migration',
  'create_schedule',
  'preflight_transfer',
  'execute_transfer',
  'cancel_execution',
  'deploy_transfer',
  'cancel_deployment',
  'wait_for',
  'get_execution',
  'diagnose',
  'get_provider_schema',
  'list_endpoint_networks',
  'get_transfer_history',
  'get_appliance_status',
  'get_wave',
  'report_rpo',
  'list_executions',
  'list_schedules',
  'list_deployments',
  'get_deployment',
  'get_instance',
  'validate_endpoint',
  'list_destination_options',
];

/** Names that `--toolsets` accepts: `default`, `all` and one for each resource. */
export const acceptedToolsets: readonly string[] = ['default', 'all', ...Object.keys(resources)];

/** Names that `--tools` and `--exclude-tools` accept. */
export const acceptedToolNames: readonly string[] = catalogue.map(({ tool }) => tool);

/** Selection of tools by the operator. */
export interface ToolSelection {
  readonly toolsets: readonly string[];
  /** Single tools besides those of the toolsets. */
  readonly tools: readonly string[];
  /** Tools to leave out; overrides `toolsets` and `tools`. */
  readonly excludedTools: readonly string[];
}

/** Whether an operation is selected by its own name or by a toolset other than `default`. */
const isNamed = ({ toolsets, tools }: ToolSelection, { tool, resource }: Operation): boolean =>
  tools.includes(tool) || toolsets.includes('all') || toolsets.includes(resource);

const isDefault = ({ toolsets }: ToolSelection, { tool }: Operation): boolean =>
  toolsets.includes('default') && defaultTools.includes(tool);

/** Whether an operation is selected by a toolset or by its own name. */
const selects = (selection: ToolSelection, operation: Operation): boolean =>
  isNamed(selection, operation) || isDefault(selection, operation);

/** The tools of the toolset `default` that are listed. */
function listedByDefault(
  selection: ToolSelection,
  isAllowed: (operation: Operation) => boolean,
): readonly string[] {
  const { excludedTools } = selection;
  return defaultTools
    .filter((tool) => {
      const operation = catalogue.find((one) => one.tool === tool);
      return operation !== undefined && isAllowed(operation) && !excludedTools.includes(tool);
    })
    .slice(0, MAX_DEFAULT_TOOLS);
}

/** Command-line options with which a tool would be selected, for the error of a call; empty when it is selected. */
export function findFlagsThatWouldSelect(selection: ToolSelection, operation: Operation): readonly string[] {
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
 * Selects operations, in the order of the catalogue. `unlisted` ones can be called, but are not in the client's list of
 * tools: those that a selected operation supersedes, unless `--tools` names them, and those of the toolset `default`
 * beyond its maximum.
 */
export function selectOperations(
  selection: ToolSelection,
  isAllowed: (operation: Operation) => boolean,
): {
  readonly listed: readonly Operation[];
  readonly unlisted: readonly Operation[];
} {
  const { tools, excludedTools } = selection;
  const isWanted = (operation: Operation): boolean => selects(selection, operation);
  const isFree = ({ tool }: Operation): boolean => !excludedTools.includes(tool);
  const selected = catalogue.filter((operation) => isFree(operation) && isWanted(operation));
  const isSuperseded = ({ related, tool }: Operation): boolean =>
    !tools.includes(tool) && selected.some((one) => operationId(one) === related?.supersededBy?.operation);
  const usual = listedByDefault(selection, isAllowed);
  const isListed = (operation: Operation): boolean =>
    !isSuperseded(operation) && (isNamed(selection, operation) || usual.includes(operation.tool));
  return {
    listed: selected.filter(isListed),
    unlisted: catalogue.filter(
      (operation) =>
        isFree(operation) && (isSuperseded(operation) || (isWanted(operation) && !isListed(operation))),
    ),
  };
}
