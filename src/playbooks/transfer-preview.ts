import type { Coriolis } from '../api/operation-context';
import { isObject } from '../model/json';
import { formatCount, displayNameOf } from '../model/display-texts';
import { describeSchedule } from '../model/schedule';
import { isActive, purposeOf } from '../model/status';
import type { TransferOrDeployment, Execution, Transfer } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import { type Preview, makePreviewSubject } from '../vocabulary/preview';
import { tolerateErrors } from '../api/tolerate-errors';
import { fetchDeploymentsOfTransfer } from '../resources/deployment';
import { fetchNewestExecutions } from '../resources/execution';
import { fetchAll, fetchOne, fetchOptional } from '../requests/object-requests';
import { fetchTransferWithMachines } from '../resources/transfer';

/** Maximum number of executions that are read. */
const MAX_EXECUTIONS = 10;

/** Options of the preview of a destructive operation on a transfer. */
export interface TransferPreviewOptions {
  readonly coriolis: Coriolis;
  readonly id: string;
  /** Makes the sentences about the consequences: what is lost and what stays. */
  readonly describeConsequences: (situation: TransferTexts) => readonly string[];
  /** Returns a further reason why the server would refuse the operation; undefined for none. */
  readonly refusalOf?: (situation: TransferTexts) => string | undefined;
}

/** Texts about a transfer for the sentences of a preview. */
interface TransferTexts {
  /** Number of machines in words: "2 machines". */
  readonly machines: string;
  /** Names of the machines: "web-01, web-02". */
  readonly names: string;
  /** Endpoints of the transfer: 'from "vcenter" to "openstack"'. */
  readonly route: string;
  /** Times of the transfer's schedules: "at 03:00 UTC". Undefined without schedules. */
  readonly times: string | undefined;
  /** Number of schedules in words: "1 schedule". Undefined without any, like the keys below. */
  readonly schedules: string | undefined;
  /** Number of executions in words: "at least 10 executions". */
  readonly executions: string | undefined;
  /** Copied disks: "3 copied disks of the sync that ended 2026-11-22T15:44:13 UTC". */
  readonly disks: string | undefined;
  /** Number of deployments in words: "1 deployment". */
  readonly deployments: string | undefined;
}

/**
 * Previews a destructive operation on a transfer. The preview is a refusal while an execution or deployment of the
 * transfer is running (docs/reference/coriolis-api.md §7.6, docs/reference/coriolis-domain.md §8). Reads only.
 * @throws {NotFoundError} there is no such transfer
 */
export async function previewTransferOperation({
  coriolis,
  id,
  describeConsequences,
  refusalOf = () => undefined,
}: TransferPreviewOptions): Promise<Preview> {
  const { object: transfer } = await fetchTransferWithMachines(coriolis, id);
  const executions = await fetchNewestExecutions(coriolis, id, MAX_EXECUTIONS);
  const deployments = await fetchDeploymentsOfTransfer(coriolis, transfer);
  const schedules = await tolerateErrors(fetchAll(coriolis, 'schedule', id), ['not_found', 'forbidden'], []);
  const execution = executions.find(({ status }) => isActive(status));
  const deployment = deployments.find(({ last_execution_status: status }) => isActive(status));
  const atLeast = executions.length === MAX_EXECUTIONS ? 'at least ' : '';
  const refusal =
    execution !== undefined
      ? `execution ${execution.id} is running already: wait for it or cancel it first`
      : deployment !== undefined
        ? `deployment ${deployment.id} is running: wait for it or cancel it first`
        : undefined;
  const situation: TransferTexts = {
    machines: formatCount(transfer.instances.length, 'machine'),
    names: transfer.instances.join(', '),
    route: await fetchRouteDescription(
      coriolis,
      transfer.origin_endpoint_id,
      transfer.destination_endpoint_id,
    ),
    times:
      schedules.length === 0
        ? undefined
        : schedules
            .map((one) => `${describeSchedule(one.schedule)}${one.enabled ? '' : ' (disabled)'}`)
            .join(', '),
    schedules: countOrUndefined(schedules, 'schedule'),
    executions: executions.length === 0 ? undefined : atLeast + formatCount(executions.length, 'execution'),
    disks: describeDisks(transfer, executions),
    deployments: countOrUndefined(deployments, 'deployment'),
  };
  return {
    subject: makePreviewSubject(transfer, displayNameOf(transfer), transfer.last_execution_status),
    consequences: describeConsequences(situation),
    refusal: refusal ?? refusalOf(situation),
  };
}

/** Previews the deletion of a transfer, whose disks stay on the destination. Reads only. */
export const previewTransferDeletion = (coriolis: Coriolis, id: string): Promise<Preview> =>
  previewTransferOperation({
    coriolis,
    id,
    describeConsequences: ({ machines, names, route, times, schedules, executions, disks, deployments }) => [
      `It moves ${machines}: ${names}.`,
      `Its machines go ${route}.`,
      ...(times === undefined ? [] : [`Its schedules: ${times}.`]),
      `Lost: its settings${otherLosses(schedules, executions)}.`,
      disks === undefined
        ? 'No copied disks are on the destination.'
        : `What stays on the destination and must be removed there: ${disks}.`,
      deployments === undefined
        ? 'Machines on the source stay.'
        : `The records of ${deployments}, deployed machines and machines on the source stay.`,
    ],
  });

/** End of the sentence about what is lost with a transfer: ", 1 schedule and the history of 3 executions". */
function otherLosses(schedules: string | undefined, executions: string | undefined): string {
  const history = executions && `the history of ${executions}`;
  if (schedules === undefined) return history === undefined ? '' : ` and ${history}`;
  return history === undefined ? ` and ${schedules}` : `, ${schedules} and ${history}`;
}

/** Previews the deletion of the copied disks of a transfer; refused when there are none. Reads only. */
export const previewDisksDeletion = (coriolis: Coriolis, id: string): Promise<Preview> =>
  previewTransferOperation({
    coriolis,
    id,
    describeConsequences: ({ machines, names, route, times, disks }) => [
      `It moves ${machines}: ${names}.`,
      `Its machines go ${route}.`,
      ...(times === undefined ? [] : [`Its schedules stay active: ${times}.`]),
      ...(disks === undefined ? [] : [`Removed from the destination: ${disks}.`]),
      'The next execution is a full copy; until then the transfer cannot be deployed.',
      'Machines on the source and deployed machines stay as they are.',
    ],
    refusalOf: ({ disks }) => (disks === undefined ? 'it has no copied disks' : undefined),
  });

/**
 * Sentences that name the machines of a transfer, deployment or migration, and the endpoints from and to which they go.
 */
export async function fetchMoveDescription(
  coriolis: Coriolis,
  {
    instances,
    origin_endpoint_id: origin,
    destination_endpoint_id: destination,
  }: Pick<TransferOrDeployment, 'instances' | 'origin_endpoint_id' | 'destination_endpoint_id'>,
): Promise<readonly string[]> {
  return [
    `It moves ${formatCount(instances.length, 'machine')}: ${instances.join(', ')}.`,
    `Its machines go ${await fetchRouteDescription(coriolis, origin, destination)}.`,
  ];
}

/** Endpoints between which machines move, in words: 'from "vcenter" to "openstack"'. */
export const fetchRouteDescription = async (
  coriolis: Coriolis,
  origin: string,
  destination: string,
): Promise<string> =>
  `from ${await fetchQuotedEndpointName(coriolis, origin)} to ${await fetchQuotedEndpointName(coriolis, destination)}`;

/** Quoted name of an endpoint; the id when the endpoint was deleted or the user may not read it. */
export async function fetchQuotedEndpointName(coriolis: Coriolis, id: string): Promise<string> {
  const endpoint = await fetchOptional(coriolis, 'endpoint', [id], ['not_found', 'forbidden']);
  return endpoint === undefined ? id : `"${quoteText(endpoint.name, 60)}"`;
}

const countOrUndefined = (rows: readonly unknown[], word: string): string | undefined =>
  rows.length === 0 ? undefined : formatCount(rows.length, word);

/**
 * Describes the copied disks of a transfer: "3 copied disks of the sync that ended 2026-11-22T15:44:13 UTC"; undefined
 * for none. Reads only.
 */
export async function fetchCopiedDisksDescription(
  coriolis: Coriolis,
  id: string,
): Promise<string | undefined> {
  const { object: transfer } = await fetchTransferWithMachines(coriolis, id);
  return describeDisks(transfer, await fetchNewestExecutions(coriolis, id, MAX_EXECUTIONS));
}

/**
 * Describes the copied disks of a transfer; undefined for none. Their number comes from the server's data about the
 * machines. Without these data, the executions show whether there may be disks.
 */
function describeDisks(transfer: Transfer, executions: readonly Execution[]): string | undefined {
  const volumes = Object.values(transfer.info ?? {}).flatMap((machine) => {
    const known: unknown = isObject(machine) ? machine['volumes_info'] : undefined;
    return Array.isArray(known) ? [known.length] : [];
  });
  const disks = volumes.reduce((sum, number) => sum + number, 0);
  const isTold = volumes.length > 0;
  if (isTold ? disks === 0 : !mayHaveCopiedDisks(transfer, executions)) return undefined;
  const number = isTold ? formatCount(disks, 'copied disk') : 'copied disks';
  const sync = executions.find(({ type, status }) => purposeOf(type) === 'sync' && status === 'COMPLETED');
  return sync === undefined
    ? `${number} (no completed sync is on record)`
    : `${number} of the sync that ended ${(sync.updated_at ?? sync.created_at).replace(/\.0+$/u, '')} UTC`;
}

/**
 * Whether the transfer may have copied disks, because a sync may have created disks since they were last deleted.
 *
 * @param executions executions of the transfer, newest first
 */
export function mayHaveCopiedDisks(transfer: Transfer, executions: readonly Execution[]): boolean {
  if (transfer.last_execution_status === 'UNEXECUTED') return false;
  const deletion = executions.findIndex(
    ({ type, status }) => purposeOf(type) === 'disks_delete' && status === 'COMPLETED',
  );
  if (deletion === -1 && executions.length === MAX_EXECUTIONS) return true;
  const since = deletion === -1 ? executions : executions.slice(0, deletion);
  return since.some((run) => purposeOf(run.type) === 'sync' && mayHaveMadeDisks(run));
}

/** Whether a sync may have created disks on the destination. Without its tasks this is unknown and counts as true. */
const mayHaveMadeDisks = ({ status, tasks = [] }: Execution): boolean =>
  status === 'COMPLETED' ||
  tasks.length === 0 ||
  tasks.some((task) => task.task_type === 'DEPLOY_TRANSFER_DISKS' && task.status === 'COMPLETED');

/** Previews the creation or update of a schedule whose executions shut the source machines down. */
export const previewShutdownSchedule = async (
  coriolis: Coriolis,
  transferId: string,
  subject: Preview['subject'],
): Promise<Preview> => ({
  subject,
  consequences: [
    ...(await fetchMoveDescription(coriolis, await fetchOne(coriolis, 'transfer', transferId))),
    'Each run shuts the source machines down, and Coriolis does not start them again.',
  ],
});
