import { duration, list, records, reference, text } from '../../vocabulary/field-constructors';

/** Input fields for the transfers of a drill and its RPO and RTO targets. */
export const drillFields = {
  search: text('Search', 'Text that notes or instances must contain.', { optional: true }),
  endpointId: reference('endpoint', 'Endpoint', 'Only transfers from or to this endpoint.', {
    optional: true,
    advanced: true,
  }),
  transferIds: list('Transfers', 'Only these transfers.', {
    optional: true,
    advanced: true,
    of: { resource: 'transfer' },
  }),
  rpoTargetSeconds: duration('RPO Target', 'RPO target: maximum age of a copy.', {
    optional: true,
    advanced: true,
  }),
  rtoTargetSeconds: duration('RTO Target', 'RTO target: maximum duration of a deployment.', {
    optional: true,
    advanced: true,
  }),
};

/** Input fields of the report of a drill. */
export const drillReportFields = {
  ...drillFields,
  since: text('Since', 'Start of the drill, as its run returned it.'),
  approvals: records('Approvals', 'Objects with by (who), at (when) and reference.', {
    optional: true,
    advanced: true,
  }),
};
