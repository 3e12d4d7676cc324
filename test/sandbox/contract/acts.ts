import type { Json, Lab } from './lab';
import type { Scene, SetUp } from './replay';

/** Which recording's body a transfer is made from, and what is different about it. */
export interface TransferPlan {
  readonly like:
    | 'transfer-create'
    | 'appcred-transfer-create'
    | 'transfer-create-minimal'
    | 'transfer-create-live-migration'
    | 'cli-transfer-create'
    | 'legacy/replica-create'
    | 'legacy/replica-create-minimal'
    | 'legacy/appcred-replica-create'
    | 'legacy/cli-replica-create';
  readonly changes?: Json;
}

/** The transfer that most recordings are about: `web-frontend-01`, a second a task. */
export const USUAL: TransferPlan = { like: 'transfer-create' };

/** A transfer with quick tasks, of this instance. */
export function quick(instance: string, changes: Json = {}): TransferPlan {
  return { like: 'appcred-transfer-create', changes: { instances: [instance], ...changes } };
}

/** How long a task takes on the lab platforms, in seconds. */
export function withTaskSeconds(lab_task_seconds: number): Json {
  return {
    source_environment: { lab_task_seconds },
    destination_environment: { migr_network: 'private', lab_task_seconds },
  };
}

/** An instance whose disks take long enough to be caught replicating. */
export const SLOW = quick('slow-vm');

/** No state is needed beyond what every lab starts with. */
export const nothing: SetUp = () => Promise.resolve({});

/** Somebody asks with an application credential. */
export function asCredential(kind: 'restricted' | 'unrestricted'): SetUp {
  return async (lab) => ({ token: await lab.loginWithCredential(kind) });
}

/** A transfer that was never executed. */
export function unexecuted(plan: TransferPlan): SetUp {
  return async (lab) => ({ transfer: await makeTransfer(lab, plan) });
}

/** Somebody tried to execute the transfer with an application credential: an orphan is left. */
export function executionRefused(setUp: SetUp): SetUp {
  return then(setUp, async (lab, { transfer }) => {
    const token = await lab.loginWithCredential('restricted');
    await expect(lab.execute(transfer ?? '', {}, token)).rejects.toThrow('answered 500');
  });
}

/** A transfer with one completed execution. */
export function executed(plan: TransferPlan, options: Json = {}): SetUp {
  return (lab) => execution(lab, plan, options, 'COMPLETED');
}

/** A transfer whose only execution failed. */
export function failed(plan: TransferPlan): SetUp {
  return (lab) => execution(lab, plan, {}, 'ERROR');
}

/** A transfer whose execution has just been started. */
export function started(plan: TransferPlan, options: Json = {}): SetUp {
  return async (lab) => {
    const transfer = await makeTransfer(lab, plan);
    return { transfer, execution: await lab.execute(transfer, options) };
  };
}

/** A transfer whose execution replicates disks right now. */
export function replicating(plan: TransferPlan, options: Json = {}): SetUp {
  return async (lab) => {
    const scene = await started(plan, options)(lab);
    await lab.until(executionPath(scene), taskRunning('REPLICATE_DISKS'));
    return scene;
  };
}

/** A transfer whose execution was cancelled while it replicated, and has not finished to. */
export function cancelling(plan: TransferPlan, options: Json = {}): SetUp {
  return async (lab) => {
    const scene = await replicating(plan)(lab);
    await lab.call('POST', `${executionPath(scene)}/actions`, { cancel: options });
    return scene;
  };
}

/** A transfer whose execution was cancelled. */
export function canceled(plan: TransferPlan, options: Json = {}): SetUp {
  return async (lab) => {
    const scene = await cancelling(plan, options)(lab);
    await lab.until(executionPath(scene), 'CANCELED');
    return scene;
  };
}

/** An executed transfer whose deployment has just been started. */
export function deploying(plan: TransferPlan, options: Json = {}): SetUp {
  return async (lab) => {
    const scene = await executed(plan)(lab);
    return { ...scene, deployment: await lab.deploy(scene.transfer ?? '', options) };
  };
}

/** An executed transfer whose deployment ended in this status. */
export function deployed(
  plan: TransferPlan,
  status: 'COMPLETED' | 'ERROR' = 'COMPLETED',
  options: Json = {},
): SetUp {
  return async (lab) => {
    const scene = await deploying(plan, options)(lab);
    await lab.until(`deployments/${scene.deployment}`, status);
    return scene;
  };
}

/** A running execution that will deploy by itself, so its deployment is pending. */
export function deploymentPending(plan: TransferPlan): SetUp {
  return async (lab) => {
    const scene = await started(plan, { auto_deploy: true })(lab);
    return { ...scene, deployment: await onlyDeployment(lab) };
  };
}

/** One set-up after another; things made later stand for the recorded ones. */
export function inTurn(first: SetUp, ...rest: readonly SetUp[]): SetUp {
  return async (lab) => {
    let scene = await first(lab);
    for (const next of rest) scene = { ...scene, ...(await next(lab)) };
    return scene;
  };
}

/** What else is done; it may make something more. */
type More =
  | ((lab: Lab, scene: Scene) => Promise<Scene>)
  | ((lab: Lab, scene: Scene) => Scene)
  | ((lab: Lab, scene: Scene) => Promise<void>)
  | ((lab: Lab, scene: Scene) => void);

/** A set-up, and then something more with what it made. */
export function then(setUp: SetUp, more: More): SetUp {
  return async (lab) => {
    const scene = await setUp(lab);
    return { ...scene, ...(await more(lab, scene)) };
  };
}

/** The same set-up, for a recording in which the caller really waits for a platform: it must not take as long here. */
export function hurried(setUp: SetUp): SetUp {
  return Object.assign((lab: Lab) => setUp(lab), { speed: 1000 });
}

/** `transfers/{id}/executions/{id}` of a scene. */
export function executionPath(scene: Scene): string {
  return `transfers/${scene.transfer}/executions/${scene.execution}`;
}

/** Whether a task of this type is at work. */
export function taskRunning(type: string): (subject: Json) => boolean {
  return ({ tasks }) =>
    Array.isArray(tasks) &&
    tasks.some(
      (task: { task_type: string; status: string }) => task.task_type === type && task.status === 'RUNNING',
    );
}

function makeTransfer(lab: Lab, { like, changes }: TransferPlan): Promise<string> {
  return lab.transfer(like, changes);
}

/** The only deployment there is. One that deploys automatically appears moments after its execution. */
async function onlyDeployment(lab: Lab): Promise<string> {
  let deployments = await lab.list('deployments');
  for (let tries = 0; deployments.length === 0 && tries < 20; tries += 1) {
    lab.advance(0.1);
    deployments = await lab.list('deployments');
  }
  return String(deployments[0]?.['id']);
}

async function execution(lab: Lab, plan: TransferPlan, options: Json, end: string): Promise<Scene> {
  const scene = await started(plan, options)(lab);
  await lab.until(executionPath(scene), end);
  return scene;
}
