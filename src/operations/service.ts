import { flag, list as listOf, reference, text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import { deletedView } from '../fields/common-fields';
import { fetchUnpagedRows } from '../requests/fetch-lists';
import { deleteOne, fetchOne } from '../requests/object-requests';
import {
  findRegisteredServices,
  registerService,
  makeServicePreviewSubject,
  serviceView,
  updateService,
} from '../resources/service';

const serviceId = reference('service', 'Service', 'Id of the service.');

const regions = listOf('Regions', 'Regions to map the worker to, by id or exact name.', {
  optional: true,
  of: { resource: 'region' },
});

const list = defineListOperation({
  resource: 'service',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_services',
  summary: 'List the worker services of Coriolis',
  description: 'Tells which workers are up and which platforms each serves.',
  effect: 'read',
  input: {},
  output: serviceView,
  position: fetchUnpagedRows.position,
  run: (coriolis, _input, window) => fetchUnpagedRows(coriolis, 'service', [], window),
});

const get = defineOperation({
  resource: 'service',
  name: 'get',
  title: 'Get',
  tool: 'get_service',
  summary: 'Get a worker service of Coriolis',
  description: 'Shows its status, platforms and regions.',
  effect: 'read',
  input: { serviceId },
  output: serviceView,
  run: (coriolis, { serviceId: id }) => fetchOne(coriolis, 'service', id),
});

const create = defineOperation({
  resource: 'service',
  name: 'create',
  title: 'Register',
  tool: 'create_service',
  summary: 'Register a worker service by hand',
  description:
    'Workers register themselves; this is for those that cannot. The server contacts the host, which may take a minute.',
  effect: 'write',
  input: {
    host: text('Host', 'Host the worker runs on.'),
    binary: text('Binary', 'Program of the worker, usually coriolis-worker.', {
      placeholder: 'coriolis-worker',
    }),
    topic: text('Topic', 'Message topic of the worker.', { placeholder: 'coriolis_worker' }),
    regions,
    enabled: flag('Enabled', 'Whether the worker gets work.', { default: true }),
  },
  output: serviceView,
  run: registerService,
  deduplication: {
    // No `withdraw` is needed: the server refuses a second service of the same host and topic.
    findDuplicates: findRegisteredServices,
    durable: true,
  },
});

const update = defineOperation({
  resource: 'service',
  name: 'update',
  title: 'Update',
  tool: 'update_service',
  summary: 'Enable, disable or map a worker service',
  description: 'Only given values change.',
  effect: 'write',
  idempotent: true,
  input: {
    serviceId,
    enabled: flag('Enabled', 'Whether the worker gets work.', { optional: true }),
    regions,
  },
  output: serviceView,
  run: (coriolis, { serviceId: id, ...changes }) => updateService(coriolis, id, changes),
});

const remove = defineOperation({
  resource: 'service',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_service',
  summary: 'Delete the registration of a worker service',
  description: 'A running worker registers again at its next start.',
  effect: 'destroy',
  input: { serviceId },
  output: deletedView,
  result: { whole: true },
  async preview(coriolis, { serviceId: id }) {
    const service = await fetchOne(coriolis, 'service', id);
    return {
      subject: makeServicePreviewSubject(service),
      consequences: [
        'Coriolis gives this worker no more work; platforms that only this worker serves become unavailable.',
      ],
    };
  },
  run: (coriolis, { serviceId: id }) => deleteOne(coriolis, 'service', id),
});

export const serviceOperations = [list, get, create, update, remove] as const;
