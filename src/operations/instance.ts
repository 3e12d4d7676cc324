import { InvalidInputError } from '../api/errors';
import { choice, flag, reference, text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import { endpointIdField, makeEnvironmentField } from '../fields/common-fields';
import { MACHINE_COVERAGES, instanceWithCoverageView, withCoverage } from '../facts/machine-coverage';
import { NO_LAST_COPY } from '../facts/fetch-last-copies';
import { fetchInstance, instanceView, fetchInstances } from '../resources/instance';
import { makeInstancesField } from '../fields/transfer-fields';
import { fetchMachineReadiness, readinessView } from '../playbooks/machine-readiness';

const environment = makeEnvironmentField('source');

const list = defineListOperation({
  resource: 'instance',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_instances',
  summary: 'List the VMs (instances) of an endpoint',
  description: 'Asks the platform, which takes seconds: use search when there are many.',
  effect: 'read',
  input: {
    endpointId: endpointIdField,
    search: text('Search', 'Part of the name, or a pattern that the platform understands.', {
      optional: true,
    }),
    withoutTransfer: flag('Without Transfer', 'Whether to list only machines that are in no transfer.'),
    coverage: choice(
      'Coverage',
      'Only machines with this coverage; adds coverage and last usable copy.',
      [
        { value: 'any', title: 'Any' },
        { value: 'replica', title: 'In a Replica' },
        { value: 'migration', title: 'Only in a Migration' },
        { value: 'none', title: 'In Nothing' },
      ],
      { optional: true },
    ),
    environment,
    refresh: flag('Refresh', 'Whether to bypass the cache of the worker.', {
      advanced: true,
      since: 'refresh',
    }),
  },
  output: instanceWithCoverageView,
  position: ({ id }) => id,
  async *run(
    coriolis,
    { endpointId: id, search, withoutTransfer, coverage, environment: env, refresh },
    { limit, after },
  ) {
    const query = { name: search, environment: env, refresh, after };
    const wanted = withoutTransfer ? 'none' : coverage;
    if (wanted === undefined) {
      for await (const instance of fetchInstances(coriolis, id, { ...query, limit }))
        yield { ...instance, coverage: null, ...NO_LAST_COPY };
      return;
    }
    yield* withCoverage(
      coriolis,
      id,
      fetchInstances(coriolis, id, query),
      MACHINE_COVERAGES.find((one) => one === wanted),
    );
  },
});

const get = defineOperation({
  resource: 'instance',
  name: 'get',
  title: 'Get',
  tool: 'get_instance',
  summary: 'Get a VM (instance) of an endpoint with its disks and networks',
  description: 'Shows source networks and disk ids, which maps need.',
  effect: 'read',
  input: {
    endpointId: endpointIdField,
    instance: reference(
      'instance',
      'Instance (VM)',
      'Identifier of the machine as the instance list gives it.',
      {
        within: 'endpointId',
      },
    ),
    environment,
  },
  output: instanceView,
  run: (coriolis, { endpointId: id, instance, environment: env }) =>
    fetchInstance(coriolis, id, instance, env),
});

/** Maximum number of machines of one assessment. Each takes a request to the platform. */
const MAX_ASSESSED = 50;

const assessment = defineOperation({
  resource: 'instance',
  name: 'assess',
  title: 'Assess',
  tool: 'assess_instances',
  summary: 'Assess whether VMs (instances) can be moved as they are',
  description: 'Needs no transfer.',
  effect: 'read',
  input: { endpointId: endpointIdField, instances: makeInstancesField('endpointId'), environment },
  output: readinessView,
  result: {
    whole: true,
    obstacle: ({ blocked, machines }) =>
      blocked === 0
        ? undefined
        : `Cannot be moved as they are: ${machines
            .filter(({ verdict }) => verdict === 'blocked')
            .map(({ instance }) => instance)
            .join(', ')}.`,
    headline: ({ assessed, blocked, warned }) =>
      `${assessed} assessed: ${blocked} blocked, ${warned} with warnings`,
  },
  async run(coriolis, { endpointId: id, instances, environment: env }) {
    const given = [...new Set(instances)];
    if (given.length > MAX_ASSESSED) {
      throw new InvalidInputError(`${given.length} machines are too many to assess at once.`, {
        field: 'instances',
        advice: `Give at most ${MAX_ASSESSED}.`,
      });
    }
    return await fetchMachineReadiness(coriolis, id, given, env);
  },
});

export const instanceOperations = [list, get, assessment] as const;
