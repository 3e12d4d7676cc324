import {
  crash,
  DEAD,
  GENERIC,
  get,
  invalid,
  MALFORMED,
  remove,
  send,
  type DerivedRequest,
} from './derived-request';

const region = '{"region":{"name":"r"}}';

/** Bodies that the server does not read as JSON objects. */
export const derivedBodies: readonly DerivedRequest[] = [
  send('POST', 'regions', region, [200], 'application/json; charset=latin-1'),
  send('POST', 'regions', region, [400, GENERIC], 'APPLICATION/JSON'),
  send(
    'POST',
    'regions',
    region,
    { current: [400, 'Unsupported Content-Type'], legacy: [400, GENERIC] },
    'text/csv',
  ),
  send('POST', 'regions', '\uFEFF{"region":{"name":"r"}}', MALFORMED),
  send('POST', 'regions', "{'region':{}}", MALFORMED),
  send('POST', 'regions', ' ', MALFORMED),
  send('POST', 'regions', '{"region":{"name":"r","enabled":tru}}', MALFORMED),
  send('POST', 'regions', '{"region":{"name":"\\ud800"}}', crash),
  send('POST', 'regions', '{"region":{"name":"r","description":"\\udfff"}}', crash),
  send('GET', 'regions', {}, [400, GENERIC]),
  send('GET', '<transfers>', null, [400, GENERIC]),
  send('GET', 'regions', 'x', [200], 'text/plain'),
  send('DELETE', `regions/${DEAD}`, { a: 1 }, [400, GENERIC]),
  send('DELETE', `regions/${DEAD}`, 'no JSON', MALFORMED),
];

/** Well-formed requests about what does not exist, or cannot go. */
export const derivedUnknownIds: readonly DerivedRequest[] = [
  send('PUT', `regions/${DEAD}`, { region: { name: 'x' } }, [
    404,
    `NotFound_Remote: Region with ID '${DEAD}' does not exist.`,
  ]),
  send('PUT', `services/${DEAD}`, { service: { enabled: true } }, [
    404,
    `NotFound_Remote: Service with ID '${DEAD}' does not exist.`,
  ]),
  send('PUT', `endpoints/${DEAD}`, { endpoint: { name: 'x' } }, [
    404,
    `NotFound_Remote: Endpoint with ID '${DEAD}' found`,
  ]),
  send('PUT', `minion_pools/${DEAD}`, { minion_pool: { name: 'x' } }, [
    404,
    `NotFound_Remote: Minion pool with ID '${DEAD}' not found.`,
  ]),
  send(
    'PUT',
    `<transfers>/${DEAD}`,
    { '<transfer>': { notes: 'x' } },
    invalid(`<Transfer> with ID '${DEAD}' not found.`),
  ),
  send('PUT', `<transfers>/{transfer}/schedules/${DEAD}`, { enabled: true }, crash),
  send('PUT', `<transfers>/{transfer}/schedules/${DEAD}`, {}, [400, GENERIC]),
  remove(`<transfers>/${DEAD}/schedules/{schedule}`, [
    404,
    `NotFound_Remote: <Transfer> with ID '${DEAD}' not found.`,
  ]),
  remove(`<transfers>/{transfer}/schedules/${DEAD}`, [404, 'NotFound_Remote: No such schedule']),
  send('POST', `<transfers>/${DEAD}/schedules`, { schedule: { hour: 1 } }, [
    404,
    `NotFound_Remote: <Transfer> with ID '${DEAD}' not found.`,
  ]),
  get(`<transfers>/${DEAD}/executions`, [200]),
  get(`<transfers>/${DEAD}/schedules`, [200]),
  send('POST', `<transfers>/${DEAD}/executions`, { execution: {} }, [
    404,
    `NotFound_Remote: <Transfer> with ID '${DEAD}' not found.`,
  ]),
  remove(`<transfers>/{transfer}/executions/${DEAD}`, [
    404,
    `Execution with ID '${DEAD}' for <Transfer> '{transfer}' not found.`,
  ]),
  send('POST', `<transfers>/{transfer}/executions/${DEAD}/actions`, { cancel: null }, [
    404,
    `Execution with ID '${DEAD}' for <Transfer> '{transfer}' not found.`,
  ]),
  remove(`endpoints/${DEAD}`, [404, '0 Endpoint entries were soft deleted']),
  remove('endpoints/{source}', [403, '1 <transfer>s would be orphaned!']),
  remove(`services/${DEAD}`, [404, '0 service entries were soft deleted']),
  send('POST', `<deployments>/${DEAD}/actions`, { cancel: { force: true } }, [
    404,
    `<Deployment> with ID '${DEAD}' not found.`,
  ]),
  send(
    'POST',
    'endpoints',
    { endpoint: { name: 'n', type: 'x', description: '', connection_info: {}, mapped_regions: 'ab' } },
    [
      404,
      "NotFound_Remote: Could not find region with ID 'a' for associating with endpoint '<id>' during update process.",
    ],
  ),
  send('PUT', 'endpoints/{source}', { endpoint: { mapped_regions: [DEAD] } }, [
    404,
    `NotFound_Remote: Could not find region with ID '${DEAD}' for associating with endpoint '{source}' during update process.`,
  ]),
  send('PUT', 'services/{service}', { service: { mapped_regions: ['{region}', DEAD] } }, [
    404,
    `NotFound_Remote: Could not find region with ID '${DEAD}' for associating with serce '{service}' during update process.`,
  ]),
];
