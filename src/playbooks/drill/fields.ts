import { duration, list, records, reference, text } from '../../vocabulary/field-constructors';

/** Input fields for the transfers of a drill and its RPO and RTO targets. */
export const drillFields = {
  search: text('Search', 'Text in notes or instances.', { optional: true }),
  endpointId: reference('endpoint', 'Endpoint', 'Transfers from or to it.', {
    optional: true,
    advanced: true,
  }),
  transferIds: list('Transfers', 'Only these.', {
    optional: true,
    advanced: true,
    of: { resource: 'transfer' },
  }),
  rpoTargetSeconds: duration('RPO Target', 'Oldest copy that is good enough.', {
    optional: true,
    advanced: true,
  }),
  rtoTargetSeconds: duration('RTO Target', 'Longest deployment that is good enough.', {
    optional: true,
    advanced: true,
  }),
};

/** Input fields of the report of a drill. */
export const drillReportFields = {
  ...drillFields,
  since: text('Since', 'Begin of the drill, as it was returned.'),
  approvals: records('Approvals', 'Who (by), when (at), reference.', { optional: true, advanced: true }),
};
