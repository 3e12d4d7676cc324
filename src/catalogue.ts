import * as operations from './operations';
import type { Operation, Resource } from './operation';

interface ResourceTexts {
  /** Label in a form, with a word in brackets that tells it from others or that people search for. */
  readonly title: string;
  readonly plural: string;
  /** Description of the resource, one sentence. */
  readonly description: string;
}

/** Resources in the order in which a migration uses them. */
export const resources = {
  provider: {
    title: 'Provider',
    plural: 'providers',
    description: 'A platform that Coriolis has workers for, with its capabilities and schemas',
  },
  endpoint: {
    title: 'Endpoint',
    plural: 'endpoints',
    description: 'A cloud or hypervisor with its credentials, and what it offers',
  },
  instance: {
    title: 'Instance (VM)',
    plural: 'instances',
    description: 'A virtual machine on an endpoint',
  },
  transfer: {
    title: 'Transfer (Replica)',
    plural: 'transfers',
    description: 'Which machines go from where to where, and the state of their copied disks',
  },
  execution: {
    title: 'Execution',
    plural: 'executions',
    description: 'One run over a transfer: a sync, an update or a deletion of disks',
  },
  schedule: {
    title: 'Schedule',
    plural: 'schedules',
    description: 'When Coriolis executes a transfer by itself',
  },
  deployment: {
    title: 'Deployment',
    plural: 'deployments',
    description:
      'Starts machines on the destination from the copied disks of a transfer; older servers say migration',
  },
  migration: {
    title: 'Migration (All Steps)',
    plural: 'migrations',
    description: 'One move from start to end: makes a transfer, its syncs and its deployment in one go',
  },
  wave: {
    title: 'Wave',
    plural: 'waves',
    description: 'Machines that move together: planned from a table, approved by a hash, run as approved',
  },
  drill: {
    title: 'Drill',
    plural: 'drills',
    description: 'A rehearsal of failover: clones of the newest copies, with measured times',
  },
  minionPool: {
    title: 'Minion Pool',
    plural: 'minion pools',
    description: 'Helper machines kept ready on an endpoint instead of being created for each run',
  },
  region: {
    title: 'Region',
    plural: 'regions',
    description: 'A group of endpoints and of the workers that reach them',
  },
  service: {
    title: 'Service',
    plural: 'services',
    description: 'A worker of Coriolis and the platforms it serves',
  },
  log: {
    title: 'Log',
    plural: 'logs',
    description: 'What the components of Coriolis write down, kept by its log service',
  },
  diagnostics: {
    title: 'Diagnostic',
    plural: 'diagnostics',
    description: 'Versions and systems of the components of Coriolis',
  },
  licence: {
    title: 'Licence',
    plural: 'licences',
    description: 'What an appliance may migrate: licences and reservations on the licensing server',
  },
  estate: {
    title: 'Estate (Overview)',
    plural: 'estates',
    description: 'All transfers, deployments, minion pools and workers at once',
  },
  report: {
    title: 'Report',
    plural: 'reports',
    description: 'Pages with pictures for people: of the estate, the age of copies, a wave or a drill',
  },
} as const satisfies { readonly [R in Resource]: ResourceTexts };

/** All operations. n8n, MCP and the library render this list. */
export const catalogue: readonly Operation[] = (Object.keys(resources) as Resource[]).flatMap<Operation>(
  (resource) => operations[resource],
);

/** Type of a resource's operations. */
export type OperationsOf<R extends Resource> = (typeof operations)[R][number];
