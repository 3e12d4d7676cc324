import { isObject } from '../model/json';
import type { ApiRequest, Generation } from './api-request';
import { CapabilityError } from './errors';
import { FEATURES, FIRST_CURRENT_RELEASE, type Feature, type RefusedFeature } from './feature-table';

const features: readonly Feature[] = Object.values(FEATURES);
const refusable = features.filter((feature): feature is RefusedFeature => 'usedBy' in feature);
/** Features whose presence a field of an object shows, by the wrapper key of the object and of its list. */
const featuresByWrapper = byKey(
  features.flatMap(({ since, shownBy }) =>
    shownBy === undefined ? [] : [{ key: shownBy[0], since, field: shownBy[1] }],
  ),
);

function byKey(
  rows: ReadonlyArray<{ readonly key: string; readonly since: string; readonly field: string }>,
) {
  const keys = new Set(rows.flatMap(({ key }) => [key, `${key}s`]));
  return new Map(
    [...keys].map((key) => [key, rows.filter((row) => row.key === key || `${row.key}s` === key)]),
  );
}

// One shared collator, because `localeCompare` makes a new one at each call.
const releases = new Intl.Collator('en', { numeric: true });

const isBefore = (one: string, other: string): boolean => releases.compare(one, other) < 0;

/** Upper bound of a server's release, learned from the fields that its answers have or lack. */
export class ServerRelease {
  /** The server is older than this release; undefined when no answer has shown that it is old. */
  private before: string | undefined;
  private hasShown = false;

  /**
   * Learns from the body of an answer, in the names of the current generation. The last answer counts, because servers
   * are upgraded.
   */
  learn(body: unknown): void {
    if (!isObject(body)) return;
    for (const key of Object.keys(body)) {
      const features = featuresByWrapper.get(key);
      if (features === undefined) continue;
      const value = body[key];
      const object: unknown = Array.isArray(value) ? value[0] : value;
      // A schedule has its times under the key `schedule` too. Only the outer object has an id, and only objects with
      // ids are evaluated.
      if (!isObject(object) || object['id'] === undefined) continue;
      this.hasShown = true;
      for (const { since, field } of features) {
        if (!(field in object)) this.before = this.isOlderThan(since) ? this.before : since;
        else if (this.before !== undefined && !isBefore(since, this.before)) this.before = undefined;
      }
    }
  }

  isOlderThan(release: string): boolean {
    return this.before !== undefined && !isBefore(release, this.before);
  }

  /** Whether no answer has shown anything about the release yet. */
  get isUnknown(): boolean {
    return !this.hasShown;
  }

  /** Whether no answer has shown a release that lacks a known feature. True also before any answer. */
  get seemsNew(): boolean {
    return this.before === undefined;
  }
}

/** Error for a request that the server's release does not support; undefined when it is supported, as far as known. */
export function unsupportedError(
  request: ApiRequest,
  generation: Generation,
  release: ServerRelease,
): CapabilityError | undefined {
  if (generation === 'current' && release.seemsNew) return undefined;
  // On a legacy server, features older than 1.1 count as present. Newer features have no route there.
  const lacking = refusable.find(
    ({ since, usedBy }) =>
      (generation === 'legacy' ? !isBefore(since, FIRST_CURRENT_RELEASE) : release.isOlderThan(since)) &&
      usedBy(request),
  );
  return lacking && refusalOf(lacking);
}

/** Error for a route that the server lacks, when the route belongs to a known feature; otherwise undefined. */
export function missingFeatureError(
  request: ApiRequest,
  generation: Generation,
): CapabilityError | undefined {
  const feature = refusable.find(
    ({ since, usedBy }) =>
      (generation === 'legacy' || isBefore(FIRST_CURRENT_RELEASE, since)) && usedBy(request),
  );
  return feature && refusalOf(feature);
}

/**
 * Whether older servers of the current generation silently treat a request differently (docs/reference/coriolis-api.md
 * §17, trap 30). Reads are exempt, because their results show the difference.
 */
export const dependsOnRelease = (request: ApiRequest): boolean =>
  request.method !== 'GET' &&
  (inheritsDefaults(request) ||
    refusable.some(({ since, usedBy }) => isBefore(FIRST_CURRENT_RELEASE, since) && usedBy(request)));

/**
 * Adapts a request to the release of a server of the current generation. In a deployment, null means "as in the
 * transfer". Servers whose transfers have no such default read null as false, and would consume the copied disks. For
 * these servers null settings are left out, so that the server's own default applies.
 */
export function adaptToRelease(request: ApiRequest, release: ServerRelease): ApiRequest {
  if (!inheritsDefaults(request) || !release.isOlderThan(FEATURES.deployment_defaults.since)) return request;
  const fields = Object.entries(deploymentIn(request)).filter(([, value]) => value !== null);
  return { ...request, body: { deployment: Object.fromEntries(fields) } };
}

const deploymentIn = ({ body }: ApiRequest): Readonly<Record<string, unknown>> => {
  const deployment = isObject(body) ? body['deployment'] : undefined;
  return isObject(deployment) ? deployment : {};
};

const inheritsDefaults = (request: ApiRequest): boolean =>
  request.path === '/deployments' && Object.values(deploymentIn(request)).includes(null);

const refusalOf = ({ since, name, advice }: RefusedFeature): CapabilityError =>
  new CapabilityError(`This Coriolis is older than ${since} and has no ${name}`, { advice });
