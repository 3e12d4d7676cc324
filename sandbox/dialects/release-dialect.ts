import { isJsonObject, omitKeys } from '../json-object';
import { withoutReleaseTag } from './legacy/answers';
import type { JsonObject } from '../json-object';
import type { ReleaseFeatures } from '../world/releases';
import type { Dialect } from './dialect';

// Dialects of older releases of the current generation, which lack some fields (docs/reference/coriolis-api.md §5).

/** Conversions of objects in requests and answers, by key. */
type Members = Readonly<Record<string, (thing: JsonObject) => JsonObject>>;

/** Makes the dialect of a current-generation release from its features. */
export function makeReleaseDialect(features: ReleaseFeatures): Dialect {
  const path = (given: string): string => (features.inventories ? given : given.replace(INVENTORY, '$1/-'));
  const isNewest = features.autoDeploy && features.clusters;
  const requests = requestConversions(features);
  if (isNewest) return { convertPath: path, convertRequestBody: (body) => body };
  const answers = answerConversions(features);
  return {
    convertPath: path,
    convertRequestBody: (body) => translateBody(withoutAutoDeploy(body, features), requests),
    convertAnswerBody: (body) => translateBody(body, answers),
  };
}

const INVENTORY = /^(\/v1\/[^/]+)\/endpoints\/[^/]+\/inventory$/;

/** Removes `auto_deploy` from schedule bodies: they have no `schedule: {...}` around all fields, so the conversion by key does not reach it. */
const withoutAutoDeploy = (body: unknown, { autoDeploy }: ReleaseFeatures): unknown =>
  autoDeploy || !isJsonObject(body) ? body : omitKeys(body, ['auto_deploy']);

const DEPLOYMENT_SETTINGS = ['clone_disks', 'skip_os_morphing'];

function requestConversions({ autoDeploy }: ReleaseFeatures): Members {
  if (autoDeploy) return {};
  return {
    transfer: (transfer) => omitKeys(transfer, DEPLOYMENT_SETTINGS),
    execution: (execution) => omitKeys(execution, ['auto_deploy']),
  };
}

function answerConversions({ autoDeploy, clusters }: ReleaseFeatures): Members {
  const action = (shown: JsonObject): JsonObject =>
    omitKeys(shown, [
      ...(autoDeploy ? [] : [...DEPLOYMENT_SETTINGS, 'deployer_id']),
      ...(clusters ? [] : ['clustered']),
    ]);
  return {
    transfer: action,
    deployment: action,
    ...(autoDeploy
      ? {}
      : { schedule: (shown) => omitKeys(shown, ['auto_deploy']), diagnostics: withoutReleaseTag }),
  };
}

/** Converts the objects and lists of a body. */
function translateBody(body: unknown, members: Members): unknown {
  if (!isJsonObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const translate = members[name] ?? members[name.replace(/s$/, '')];
      if (translate === undefined) return [name, value];
      const one = (thing: unknown): unknown => (isJsonObject(thing) ? translate(thing) : thing);
      return [name, Array.isArray(value) ? value.map(one) : one(value)];
    }),
  );
}
