/**
 * Names of the legacy generation and their current names (docs/reference/coriolis-domain.md §4 and appendix). Names
 * that only direct migrations have, and names that no known release has, stay as they are.
 */

const EXECUTION_TYPES: Readonly<Record<string, string>> = {
  replica_execution: 'transfer_execution',
  replica_disks_delete: 'transfer_disks_delete',
  replica_update: 'transfer_update',
  replica_deploy: 'deployment',
  migration: 'deployment',
};

/**
 * Task types of a deployment. Their current names drop the word REPLICA; in all other task types it becomes TRANSFER.
 */
const DEPLOYMENT_TASKS: Readonly<Record<string, string>> = {
  VALIDATE_REPLICA_DEPLOYMENT_INPUTS: 'VALIDATE_DEPLOYMENT_INPUTS',
  DEPLOY_REPLICA_INSTANCE_RESOURCES: 'DEPLOY_INSTANCE_RESOURCES',
  FINALIZE_REPLICA_INSTANCE_DEPLOYMENT: 'FINALIZE_INSTANCE_DEPLOYMENT',
  CLEANUP_FAILED_REPLICA_INSTANCE_DEPLOYMENT: 'CLEANUP_FAILED_INSTANCE_DEPLOYMENT',
};

export const toCurrentExecutionType = (type: string): string => EXECUTION_TYPES[type] ?? type;

export const toCurrentTaskType = (type: string): string =>
  DEPLOYMENT_TASKS[type] ?? type.replace(/(^|_)REPLICA(?=_|$)/, '$1TRANSFER');
