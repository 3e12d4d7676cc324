import {
  deploymentDefaultFields,
  makeEnvironmentFields,
  makeTransferPoolFields,
  scenarios,
  storageMappingInputs,
} from '../../fields/transfer-fields';
import { makeUserScriptsField } from '../../fields/user-scripts-field';
import type { InputOf } from '../../vocabulary/field';
import {
  choice,
  flag,
  json,
  list,
  map,
  number,
  records,
  reference,
  text,
} from '../../vocabulary/field-constructors';
import type { WaveInput } from './wave-input';
import { shutdownCaution } from '../../fields/common-fields';

/** Input fields of wave operations: the table, and the settings of all rows. */

const endpoints = ['originEndpointId', 'destinationEndpointId'] as const;

const shutdownTexts = ['Shut Down Instances', 'Whether final syncs shut the source machines down.'] as const;

const DEFAULT_WAVE_NAME = 'Wave';

/** Input field for the name of an existing wave. */
export const waveNameField = text('Wave', 'Name of the wave.');

/**
 * Inputs on which the choices of maps depend in forms. It is only the destination, because forms do not read the
 * machines of the table.
 */
const toDestination = ['destinationEndpointId'] as const;

const pools = makeTransferPoolFields(endpoints);
const environments = makeEnvironmentFields(...endpoints);

/** Fields that planning and running a wave have in common. */
const sharedWaveFields = {
  table: text('Table', 'CSV of RVTools, Azure Migrate, AWS MGN or Coriolis, or with a column machine.', {
    optional: true,
    multiline: true,
    placeholder: 'machine,wave\nweb-01,Wave 1',
  }),
  rows: records('Rows', 'The table as JSON rows.', { optional: true, advanced: true }),
  originEndpointId: reference('endpoint', 'Origin Endpoint', 'Id or unique name.', { optional: true }),
  destinationEndpointId: reference('endpoint', 'Destination Endpoint', 'Id or unique name.', {
    optional: true,
  }),
  wave: text('Wave', 'Name of the wave for rows that name none; "Wave" when left out.', {
    optional: true,
    advanced: true,
  }),
  scenario: choice('Scenario', 'Purpose of the transfers; decides the licence.', scenarios, {
    default: 'replica',
    advanced: true,
  }),
  sourceEnvironment: { ...environments.sourceEnvironment, advanced: true },
  destinationEnvironment: {
    ...environments.destinationEnvironment,
    description: 'Options of the destination platform, by its schema.',
  },
  networkMap: map('Network Map', 'Source network to destination network; * is a wildcard.', {
    objects: true,
    optional: true,
    keyTitle: 'Source Network',
    valueTitle: 'Destination Network',
    placeholder: '{"VLAN 2*": "private"}',
    sides: { value: 'destinationNetwork', within: toDestination },
  }),
  passes: number('Passes', 'Syncs before the cutover, 1 to 10.', {
    default: 1,
    minimum: 1,
    maximum: 10,
    advanced: true,
  }),
  notes: text('Notes', 'Free text for people; the name of each machine when left out.', {
    optional: true,
    advanced: true,
  }),
  defaultStorage: text('Default Storage', 'Destination storage for disks that no mapping names.', {
    optional: true,
    advanced: true,
    offer: { side: 'destinationStorage', within: toDestination },
  }),
  storageMappings: map('Storage Mappings', 'Source storage to destination storage; * matches any text.', {
    optional: true,
    advanced: true,
    keyTitle: 'Source Storage',
    valueTitle: 'Destination Storage',
    parts: storageMappingInputs,
    sides: { value: 'destinationStorage', within: toDestination },
  }),
  diskMappings: map('Disk Mappings', 'Disk id to destination storage.', {
    optional: true,
    advanced: true,
    keyTitle: 'Disk ID',
    valueTitle: 'Destination Storage',
    sides: { value: 'destinationStorage', within: toDestination },
  }),
  userScripts: makeUserScriptsField(endpoints),
  ...deploymentDefaultFields,
  originMinionPoolId: pools.originMinionPoolId,
  destinationMinionPoolId: pools.destinationMinionPoolId,
  osMorphingPools: map('OS Morphing Minion Pools', 'Machine to the minion pool for its OS morphing.', {
    optional: true,
    advanced: true,
    keyTitle: 'Machine',
    valueTitle: 'Minion Pool',
    of: 'minionPool',
    sides: { value: 'minionPool', within: toDestination },
  }),
  throughputMbps: number(
    'Throughput (Mbit/s)',
    'Throughput for estimates of first copies; measured when left out.',
    {
      optional: true,
      minimum: 1,
      advanced: true,
    },
  ),
};

/** Input fields of the operation that plans a wave. */
export const wavePlanFields = {
  ...sharedWaveFields,
  shutdownInstances: flag(...shutdownTexts),
};

/** Input fields that the operation that runs a wave shares with planning. */
export const waveRunFields = {
  ...sharedWaveFields,
  shutdownInstances: flag(...shutdownTexts, { effect: 'destroy', caution: shutdownCaution }),
};

/** Converts the inputs of an operation to the input of the wave playbook. */
export const toWaveInput = (given: InputOf<typeof wavePlanFields>): WaveInput => ({
  ...given,
  wave: given.wave ?? DEFAULT_WAVE_NAME,
});

/** Input field for adopted transfers. The notes of these do not name the wave, so the caller names them. */
export const adoptedTransfersField = list('Transfers', 'Ids of existing transfers that the wave adopted.', {
  optional: true,
  advanced: true,
  of: { resource: 'transfer' },
});

/** Input fields of the report of a wave. */
export const waveReportFields = {
  wave: waveNameField,
  planHash: text('Plan Hash', 'Hash of the approved plan.', { optional: true, advanced: true }),
  plan: json('Plan', 'The approved plan, as the planning returned it.', { optional: true, advanced: true }),
  approvals: records('Approvals', 'Objects with by (who), at (when), reference and rows.', {
    optional: true,
    advanced: true,
  }),
  actions: records('Actions', 'Actions that the runs returned.', {
    optional: true,
    advanced: true,
  }),
  transferIds: adoptedTransfersField,
};
