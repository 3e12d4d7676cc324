import { isObject } from '../model/json';
import type { ApiRequest, Generation } from './dialect';
import { CapabilityError } from './errors';

/** Something that only newer servers do (coriolis-api.md §5). */
interface Feature {
  /** First release that has it. */
  readonly since: string;
  /** As in "This Coriolis is older than 1.1.3 and has no auto-deploy". */
  readonly name: string;
  /** What to do instead. */
  readonly instead?: string;
  /** Whether a request asks for it. Older servers would drop it silently, so it is refused before it is sent. */
  readonly usedBy?: (request: ApiRequest) => boolean;
  /** The field that objects under a key of an answer have exactly on servers with the feature. */
  readonly shownBy?: readonly [key: string, field: string];
}

/** First release of the current generation. */
const FIRST_CURRENT = '1.1.0';

const within = (body: unknown, key: string): Readonly<Record<string, unknown>> => {
  const value = isObject(body) ? body[key] : undefined;
  return isObject(value) ? value : {};
};

const isUnder = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`);

/** The scripts in the body of a transfer, a deployment or a direct migration. */
function scriptsIn({ body }: ApiRequest): readonly unknown[] {
  const groups = ['transfer', 'deployment', 'migration'].map((wrapper) =>
    within(within(body, wrapper), 'user_scripts'),
  );
  return groups.flatMap((group) =>
    ['global', 'instances'].flatMap((scope) => Object.values(within(group, scope))),
  );
}

/** Whether a script is more than a text that runs at the usual time (coriolis-api.md §11.3). */
const hasPhases = (script: unknown): boolean =>
  Array.isArray(script) &&
  (script.length !== 1 ||
    script.some(
      (part: unknown) =>
        isObject(part) && ![undefined, null, 'osmorphing_post_os_mount'].includes(part['phase'] as undefined),
    ));

const FEATURES: readonly Feature[] = [
  {
    since: FIRST_CURRENT,
    name: 'transfers of the scenario live migration',
    instead: 'Create a replica, and deploy it without cloned disks.',
    usedBy: ({ method, path, body }) =>
      method === 'POST' &&
      path === '/transfers' &&
      ![undefined, null, 'replica'].includes(within(body, 'transfer')['scenario'] as undefined),
  },
  {
    since: FIRST_CURRENT,
    name: 'scripts for single instances in a deployment',
    instead: 'Give them to the transfer: its deployments use them.',
    usedBy: ({ path, body }) =>
      path === '/deployments' &&
      Object.keys(within(within(within(body, 'deployment'), 'user_scripts'), 'instances')).length > 0,
  },
  {
    since: '1.1.3',
    name: 'auto-deploy',
    instead: 'Wait for the execution, then create the deployment.',
    usedBy: ({ path, body }) =>
      isUnder('/transfers', path) &&
      (within(body, 'execution')['auto_deploy'] === true || (isObject(body) && body['auto_deploy'] === true)),
    shownBy: ['schedule', 'auto_deploy'],
  },
  {
    since: '1.1.3',
    name: 'defaults for deployments on its transfers',
    instead: 'Say it when the deployment is created: Clone Disks and Skip OS Morphing are there too.',
    usedBy: ({ path, body }) => {
      const { clone_disks: clones, skip_os_morphing: skips } = within(body, 'transfer');
      return isUnder('/transfers', path) && (clones === false || skips === true);
    },
    shownBy: ['transfer', 'clone_disks'],
  },
  {
    since: '1.2.2',
    name: 'inventories',
    instead: 'List the instances of the endpoint.',
    usedBy: ({ path }) => /^\/endpoints\/[^/]+\/inventory$/.test(path),
  },
  {
    since: '1.2.3',
    name: 'phases of user scripts',
    instead: 'Give each script as one text; it runs after the system disk of the guest is mounted.',
    usedBy: (request) => scriptsIn(request).some(hasPhases),
  },
  {
    since: '1.2.7',
    name: 'clustered transfers',
    shownBy: ['transfer', 'clustered'],
  },
];

// Made once: comparing by locale makes a collator each time.
const releases = new Intl.Collator('en', { numeric: true });

const isBefore = (one: string, other: string): boolean => releases.compare(one, other) < 0;

/** What the answers of a server have told of its release, at no cost. */
export class ServerRelease {
  /** It is older than this. */
  private before: string | undefined;

  /** Takes a body in the words of the current generation. A server can be upgraded: what it shows last counts. */
  learn(body: unknown): void {
    if (!isObject(body)) return;
    for (const { since, shownBy } of FEATURES) {
      const [key, field] = shownBy ?? [];
      if (key === undefined || field === undefined) continue;
      const list = body[`${key}s`];
      const shown: unknown = Array.isArray(list) ? list[0] : body[key];
      // A schedule in an answer holds a schedule: only objects with ids are meant.
      if (!isObject(shown) || shown['id'] === undefined) continue;
      if (!(field in shown)) this.before = this.isOlderThan(since) ? this.before : since;
      else if (this.before !== undefined && !isBefore(since, this.before)) this.before = undefined;
    }
  }

  isOlderThan(release: string): boolean {
    return this.before !== undefined && !isBefore(release, this.before);
  }

  /** Whether nothing has shown so far that it is older than any release known here. */
  get seemsNew(): boolean {
    return this.before === undefined;
  }
}

/** The refusal of a request that the server would not understand; undefined when nothing speaks against it. */
export function lackOf(
  request: ApiRequest,
  generation: Generation,
  release: ServerRelease,
): CapabilityError | undefined {
  if (generation === 'current' && release.seemsNew) return undefined;
  const lacking = usedIn(request).find(({ since }) => generation === 'legacy' || release.isOlderThan(since));
  return lacking && refusalOf(lacking);
}

/** What the missing route of a request means, when the route belongs to a known feature. */
export function missingFeature(request: ApiRequest): CapabilityError | undefined {
  const [feature] = usedIn(request);
  return feature && refusalOf(feature);
}

const usedIn = (request: ApiRequest): readonly Feature[] =>
  FEATURES.filter(({ usedBy }) => usedBy?.(request) === true);

const refusalOf = ({ since, name, instead }: Feature): CapabilityError =>
  new CapabilityError(
    `This Coriolis is older than ${since} and has no ${name}`,
    instead === undefined ? {} : { advice: instead },
  );
