import { isObject } from '../model/json';
import type { ApiRequest } from './api-request';

/**
 * Features that only some releases of Coriolis have (docs/reference/coriolis-api.md §5). Refusals of requests, hints in
 * forms and the table in the documentation derive from these rows. Removed features need no row (1.0.10: the `status`
 * of migrations).
 */
interface FeatureBase {
  /** First release with the feature. */
  readonly since: string;
  /** Name of the feature, as in "This Coriolis is older than 1.1.3 and has no auto-deploy". */
  readonly name: string;
  /**
   * Field in answers whose presence shows the feature: `['transfer', 'clone_disks']` means the field `clone_disks` of
   * transfers.
   */
  readonly shownBy?: readonly [key: string, field: string];
}

/**
 * Feature whose requests are refused on older servers, because such a server would ignore the feature or has no route
 * for it.
 */
export interface RefusedFeature extends FeatureBase {
  /** Whether a request uses the feature. */
  readonly usedBy: (request: ApiRequest) => boolean;
  /** Advice for the refusal, one sentence. */
  readonly advice: string;
}

/** Feature that this project works around on older servers. */
interface ReplacedFeature extends FeatureBase {
  /** Behaviour on a server without the feature, one sentence. */
  readonly otherwise: string;
}

export type Feature = RefusedFeature | ReplacedFeature;

/** First release of the current generation. */
export const FIRST_CURRENT_RELEASE = '1.1.0';

const within = (body: unknown, key: string): Readonly<Record<string, unknown>> => {
  const value = isObject(body) ? body[key] : undefined;
  return isObject(value) ? value : {};
};

const isUnder = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`);

/** All user scripts in the body of a transfer, a deployment or a direct migration. */
function scriptsIn({ body }: ApiRequest): readonly unknown[] {
  const groups = ['transfer', 'deployment', 'migration'].map((wrapper) =>
    within(within(body, wrapper), 'user_scripts'),
  );
  return groups.flatMap((group) =>
    ['global', 'instances'].flatMap((scope) => Object.values(within(group, scope))),
  );
}

/**
 * Whether a user script needs the feature `script_phases`: it has several parts, or a part outside the default phase
 * (docs/reference/coriolis-api.md §11.3).
 */
const hasPhases = (script: unknown): boolean =>
  Array.isArray(script) &&
  (script.length !== 1 ||
    script.some(
      (part: unknown) =>
        isObject(part) && ![undefined, null, 'osmorphing_post_os_mount'].includes(part['phase'] as undefined),
    ));

const collection =
  (root: string) =>
  ({ path }: ApiRequest): boolean =>
    isUnder(root, path);

const rows = {
  regions: {
    since: '1.0.6',
    name: 'regions',
    advice: 'Upgrade Coriolis: nothing replaces regions.',
    usedBy: collection('/regions'),
  },
  services: {
    since: '1.0.6',
    name: 'list of services',
    advice: 'Upgrade Coriolis: nothing replaces the list of services.',
    usedBy: collection('/services'),
  },
  minion_pools: {
    since: '1.0.6',
    name: 'minion pools',
    advice: 'Leave minion pools out: each run then creates the machines that it needs.',
    usedBy: collection('/minion_pools'),
  },
  url_safe_parameters: {
    since: '1.0.6',
    name: 'URL-safe encoding of parameters',
    otherwise: 'Parameters are encoded in the older way, which is the same for most values.',
  },
  live_migrations: {
    since: FIRST_CURRENT_RELEASE,
    name: 'transfers of the scenario live migration',
    advice: 'Create a replica, and deploy it without cloned disks.',
    usedBy: ({ method, path, body }) =>
      method === 'POST' &&
      path === '/transfers' &&
      ![undefined, null, 'replica'].includes(within(body, 'transfer')['scenario'] as undefined),
  },
  deployment_instance_scripts: {
    since: FIRST_CURRENT_RELEASE,
    name: 'scripts for single instances in a deployment',
    advice: 'Give the scripts to the transfer: its deployments use them.',
    usedBy: ({ path, body }) =>
      path === '/deployments' &&
      Object.keys(within(within(within(body, 'deployment'), 'user_scripts'), 'instances')).length > 0,
  },
  auto_deploy: {
    since: '1.1.3',
    name: 'auto-deploy',
    advice: 'Wait for the execution, then create the deployment.',
    usedBy: ({ path, body }) =>
      isUnder('/transfers', path) &&
      (within(body, 'execution')['auto_deploy'] === true || (isObject(body) && body['auto_deploy'] === true)),
    shownBy: ['schedule', 'auto_deploy'],
  },
  deployment_defaults: {
    since: '1.1.3',
    name: 'defaults for deployments on its transfers',
    advice: 'Set Clone Disks and Skip OS Morphing when you create each deployment.',
    usedBy: ({ path, body }) => {
      const { clone_disks: clones, skip_os_morphing: skips } = within(body, 'transfer');
      return isUnder('/transfers', path) && (clones === false || skips === true);
    },
    shownBy: ['transfer', 'clone_disks'],
  },
  task_info: {
    since: '1.1.9',
    name: 'data of instances on request',
    advice: 'Leave Instances Data off.',
    usedBy: ({ path, query }) =>
      (isUnder('/transfers', path) || isUnder('/deployments', path)) && query['include_task_info'] === true,
  },
  refresh: {
    since: '1.2.0',
    name: 'way to bypass the cache of its workers',
    advice: 'Leave Refresh off, and list the instances again later.',
    usedBy: ({ path, query }) => /^\/endpoints\/[^/]+\/instances$/.test(path) && query['refresh'] === true,
  },
  paging: {
    since: '1.2.2',
    name: 'paging and sorting of lists',
    otherwise: 'The server sends whole lists; this software sorts them and makes the pages.',
  },
  inventories: {
    since: '1.2.2',
    name: 'inventories',
    advice: 'List the instances of the endpoint.',
    usedBy: ({ path }) => /^\/endpoints\/[^/]+\/inventory$/.test(path),
  },
  empty_204: {
    since: '1.2.2',
    name: 'empty answers to deletions and cancellations',
    otherwise: 'Bodies of such answers are ignored.',
  },
  status_filter: {
    since: '1.2.3',
    name: 'filter by status',
    otherwise: 'This software filters the rows.',
  },
  script_phases: {
    since: '1.2.3',
    name: 'phases of user scripts',
    advice: 'Give each script as one text; it runs after the system disk of the guest is mounted.',
    usedBy: (request) => scriptsIn(request).some(hasPhases),
  },
  light_transfers: {
    since: '1.2.4',
    name: 'transfers without all their executions',
    otherwise: 'Answers are larger; executions are read from their own list on all servers.',
  },
  changes_before_execution: {
    since: '1.2.4',
    name: 'changes to transfers that were never executed',
    otherwise: 'The server itself refuses to update or deploy them.',
  },
  clusters: {
    since: '1.2.7',
    name: 'clustered transfers',
    otherwise: 'The machines of a transfer do not wait for each other.',
    shownBy: ['transfer', 'clustered'],
  },
} as const satisfies Readonly<Record<string, Feature>>;

/** Name of a feature, as fields and operations refer to it. */
export type FeatureName = keyof typeof rows;

export const FEATURES: Readonly<Record<FeatureName, Feature>> = rows;

/** Hint about a needed feature: "Needs Coriolis 1.1.3 or later." */
export const describeFeatureRequirement = (name: FeatureName): string =>
  `Needs Coriolis ${FEATURES[name].since} or later.`;
