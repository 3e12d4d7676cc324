import type { Deployment, Execution, Task } from '../../src/model/api-objects';

/**
 * Objects as the server shows them, created at a time of the server. Tests name the values that they are about.
 */

/** A task that copies the disks of a machine. */
export const makeTask = (created_at: string, values: Partial<Task> = {}): Task => ({
  id: 'task',
  execution_id: 'e',
  instance: 'db-01',
  host: null,
  status: 'RUNNING',
  task_type: 'REPLICATE_DISKS',
  exception_details: null,
  depends_on: null,
  index: 2,
  on_error: false,
  events: [],
  progress_updates: [],
  created_at,
  updated_at: null,
  ...values,
});

/** A sync that runs. */
export const makeExecution = (created_at: string, values: Partial<Execution> = {}): Execution => ({
  id: 'e',
  action_id: 't',
  type: 'transfer_execution',
  status: 'RUNNING',
  number: 1,
  created_at,
  updated_at: null,
  deleted_at: null,
  ...values,
});

/** A deployment that runs. */
export const makeDeployment = (created_at: string, values: Partial<Deployment> = {}): Deployment => ({
  id: 'd',
  transfer_id: 't',
  last_execution_status: 'RUNNING',
  instances: ['db-01'],
  origin_endpoint_id: 'o',
  destination_endpoint_id: 'd',
  source_environment: null,
  destination_environment: null,
  network_map: null,
  storage_mappings: null,
  notes: null,
  created_at,
  updated_at: null,
  deleted_at: null,
  ...values,
});
