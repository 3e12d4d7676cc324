import type { UserScripts } from '../model';
import type { JsonObject } from '../../json-object';
import { pythonValueError } from '../../python/errors';
import { getFromDict, getPythonItem, isPythonTruthy } from '../../python/value-operations';
import { instancesInBody, readUserScripts } from '../transfers/user-scripts';
import type { World } from '../world';

/** Values of a new deployment after the server's checks. Those that the server does not check have type `unknown`. */
export interface NewDeployment {
  readonly transferId: unknown;
  readonly force: unknown;
  readonly cloneDisks: unknown;
  readonly skipOsMorphing: unknown;
  readonly osMorphingPools: unknown;
  /** User scripts; null for those of the transfer. */
  readonly userScripts: UserScripts | null;
}

/**
 * Checks the body of a creation in the order of the real server (`DeploymentsController._validate_deployment_input`,
 * docs/reference/coriolis-api.md §10.2).
 * @throws ApiError or PythonError, which `runRequestBodyCheck` makes a 400
 */
export function checkNewDeployment(world: World, body: unknown): NewDeployment {
  const deployment = getPythonItem(body, 'deployment');
  const transferId = getFromDict(deployment, 'transfer_id', '');
  if (!isPythonTruthy(transferId)) {
    throw pythonValueError(
      "Missing 'transfer_id' field from deployment body. A deployment can be created strictly based on an existing Transfer.",
    );
  }
  return readNewDeployment(world, transferId, deployment as JsonObject);
}

/** Reads the fields of a deployment of a transfer. @throws ApiError 400 for its user scripts */
export function readNewDeployment(world: World, transferId: unknown, deployment: JsonObject): NewDeployment {
  return {
    transferId,
    force: getFromDict(deployment, 'force', false),
    cloneDisks: getFromDict(deployment, 'clone_disks', true),
    skipOsMorphing: getFromDict(deployment, 'skip_os_morphing', false),
    osMorphingPools: getFromDict(deployment, 'instance_osmorphing_minion_pool_mappings', {}),
    userScripts: readScripts(world, deployment),
  };
}

/**
 * User scripts of a request; null when the deployment takes those of the transfer. Releases that drop scripts for
 * unknown instances at the request look for `instances` in the body. A deployment's body has none, so they drop the
 * scripts of all instances.
 */
function readScripts({ features }: World, body: JsonObject): UserScripts | null {
  const { user_scripts: given } = body;
  const { userScripts: rules } = features;
  const scripts = readUserScripts(rules, given, instancesInBody(body));
  if (given === null && rules.unknownInstancesDropped === 'deployment') return null;
  return rules.emptyInherits && Object.keys(scripts).length === 0 ? null : scripts;
}
