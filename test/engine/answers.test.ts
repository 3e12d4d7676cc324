import { locator, startLab, type Lab } from './lab';

/** What comes back when something between n8n and Coriolis, or Coriolis itself, misbehaves. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.rows('endpoint.getAll');
  lab.sandbox.requests.clear();
});
afterEach(() => lab.sandbox.faults.clear());

const always = 100;
const failure = async (operation: string, parameters = {}) => {
  const { status, error } = await lab.run(operation, parameters);
  expect(status).toBe('error');
  return error;
};

test('the web page of a proxy is named as such', async () => {
  lab.sandbox.faults.add({ fault: { kind: 'html', status: 200 }, times: always });

  const error = await failure('endpoint.getAll');

  expect(error?.message).toContain('answered with a web page instead of JSON');
  expect(error?.description).toContain('proxy');
});

test('a redirect is not followed, and the token does not travel', async () => {
  lab.sandbox.faults.add({
    fault: { kind: 'redirect', location: 'http://elsewhere.example.com/steal?x=1' },
    times: always,
  });

  const error = await failure('endpoint.getAll');

  expect(error?.message).toContain('redirected to http://elsewhere.example.com/steal;');
  expect(error?.description).toContain('Correct the endpoint URL');
});

test('a 204 with a body counts as done (trap 6)', async () => {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['web-03'],
    destinationEnvironment: { migr_network: 'private' },
  });
  lab.sandbox.faults.add({ method: 'DELETE', fault: { kind: 'body-on-204' } });

  const rows = await lab.rows('transfer.delete', { transferId: locator(String(transfer?.['id'])) });

  expect(rows).toEqual([expect.objectContaining({ deleted: true })]);
});

test('a read survives a reset connection and a busy proxy', async () => {
  lab.sandbox.faults.add({ fault: { kind: 'reset' } });
  lab.sandbox.faults.add({ fault: { kind: 'html', status: 502 } });

  expect(await lab.rows('endpoint.getAll')).toHaveLength(2);
});

test('a start whose answer is lost is found, not repeated', async () => {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['slow-vm'],
    destinationEnvironment: { migr_network: 'private' },
  });
  const transferId = locator(String(transfer?.['id']));
  lab.sandbox.faults.add({ method: 'POST', path: /executions/, fault: { kind: 'lost-answer' } });

  const [execution] = await lab.rows('execution.start', { transferId });

  expect(execution).toMatchObject({ number: 1, type: 'transfer_execution' });
  expect(await lab.rows('execution.getAll', { transferId })).toHaveLength(1);
});

test('a truncated answer to a read is read again or named', async () => {
  lab.sandbox.faults.add({ fault: { kind: 'truncate' }, times: always });

  const error = await failure('endpoint.getAll');

  expect(error?.message).toMatch(/broke off on the way|cut off/);
});

test('an answer of 500 keeps the words and the request id of the server', async () => {
  lab.sandbox.faults.add({
    times: always,
    fault: {
      kind: 'status',
      status: 500,
      headers: { 'content-type': 'application/json', 'x-openstack-request-id': 'req-42' },
      body: '{"computeFault": {"code": 500, "message": "x"}, "error": {"code": 500, "fault": "computeFault", "message": "The conductor is on fire"}}',
    },
  });

  const error = await failure('endpoint.getAll');

  expect(error).toMatchObject({
    httpCode: '500',
    message: expect.stringContaining('The conductor is on fire'),
    context: { data: { request_id: expect.stringContaining('req-42') } },
  });
});
