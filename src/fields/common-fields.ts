import { key, view } from '../vocabulary/result-keys';
import { duration, flag, reference, form, text } from '../vocabulary/field-constructors';

/** Fields that several operations have in common. */

export const endpointIdField = reference('endpoint', 'Endpoint', 'Id or unique name.');

export const transferIdField = reference(
  'transfer',
  'Transfer (Replica)',
  'Id, unique notes or instance name.',
);

/** Field of lists that also take several transfers or all. */
export const optionalTransferIdField = reference(
  'transfer',
  'Transfer (Replica)',
  'Id, notes or instance name; all when left out.',
  { optional: true, isOnTop: true },
);

export const executionIdField = reference('execution', 'Execution', 'Id of the execution.', {
  within: 'transferId',
});

/** Makes the execution id field of operations that choose an execution themselves when none is given. */
export const makeExecutionOrLatestField = (which: string) =>
  reference('execution', 'Execution', `Id of the execution; ${which} when left out.`, {
    within: 'transferId',
    optional: true,
  });

export const deploymentIdField = reference('deployment', 'Deployment', 'Id of the deployment.');

/**
 * Makes the field for the environment that goes with requests to a platform. Some platforms answer only when it names a
 * region or a resource group.
 */
export const makeEnvironmentField = (side: 'source' | 'destination') =>
  form(side, 'endpointId', 'Environment', `Options of the ${side} platform, when it requires a region.`, {
    optional: true,
    advanced: true,
  });

export const sortField = text(
  'Sort',
  'Order as key:direction, separated by commas; newest first by default.',
  {
    optional: true,
    advanced: true,
    placeholder: 'created_at:desc',
  },
);

export const includeDeletedField = flag('Include Deleted', 'Whether to list deleted objects too.', {
  advanced: true,
});

/** Field of operations that return one transfer or deployment. */
export const instancesDataField = flag(
  'Instances Data',
  'Whether the full result includes what Coriolis knows about each instance.',
  { advanced: true, since: 'task_info' },
);

/**
 * Field of operations that show an execution or a deployment. With it the result also lists the tasks, which is less
 * than the whole object.
 */
export const timelineField = flag('Timeline', 'Whether to list each task.', {
  advanced: true,
});

/** Field `force` of operations that cancel an execution or a deployment. */
export const forceCancelField = flag(
  'Force',
  'Whether to stop without waiting for the workers, when a plain cancel does not end.',
  {
    effect: 'destroy',
    caution:
      'Cancel without force first: force waits for no worker and may leave half-made machines, disks and snapshots on the platforms.',
  },
);

/** Warning on inputs that shut source machines down. */
export const shutdownCaution = 'Coriolis does not start the source machines again.';

/** Fields for the timeout and the stall limit of a wait, in seconds. */
export const waitFields = {
  timeoutSeconds: duration('Timeout', 'Seconds to wait at most; the work continues.', {
    default: 3600,
    minimum: 0,
    maximum: 604_800,
  }),
  stallSeconds: duration('Stall Limit', 'Seconds without any change after which a run is stalled.', {
    default: 1800,
    minimum: 10,
    maximum: 604_800,
    advanced: true,
  }),
} as const;

/** Field for the start of a period. */
export const sinceField = text('Since', 'Start of the period, such as 7d or an ISO time.', {
  optional: true,
  placeholder: '7d',
});

/** Result view of a deletion. */
export const deletedView = view<{ readonly id: string }>()({
  id: key.text('Id of the object'),
  deleted: key.flag('Whether the object is deleted', () => true),
});

/** Cancellation that the server has accepted. The object ends later. */
export interface Cancellation {
  readonly id: string;
  readonly force: boolean;
}

/** Result keys of a cancellation besides the id. */
export const cancellationKeys = {
  cancel_requested: key.flag('Whether the server accepted the cancellation', () => true),
  force: key.flag('Whether the cancellation was forced'),
};

/** Makes the result view of a cancellation. `noun` names the object: "Deployment". */
export const makeCancellationView = (noun: string) =>
  view<Cancellation>()({ id: key.text(`${noun} id`), ...cancellationKeys });

export const applianceIdField = reference('appliance', 'Appliance', 'Id of the appliance.');

/** Appliance id that can be left out, because most licensing servers have only one appliance. */

export const optionalApplianceIdField = reference(
  'appliance',
  'Appliance',
  'Id of the appliance; the only one when left out.',
  {
    optional: true,
  },
);

export const licenceIdField = reference('licence', 'Licence', 'Id of the licence.', {
  within: 'applianceId',
});

export const reservationIdField = reference('reservation', 'Reservation', 'Id of the reservation.', {
  within: 'applianceId',
});
