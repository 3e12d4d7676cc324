import { isMixedUpAnswer } from '../../../src/api/mixed-up-answer';

/** Whether the answer to a creation is about what was asked for, by each thing that tells them apart. */

const asked = {
  origin_endpoint_id: 'o',
  destination_endpoint_id: 'd',
  instances: ['db-01', 'db-02'],
  notes: 'n',
  scenario: 'replica',
};

const isForeign = (made: object): boolean =>
  isMixedUpAnswer({ transfer: { id: 'new', ...asked, ...made } }, {
    method: 'POST',
    path: '/transfers',
    body: { transfer: asked },
  } as never);

test.each([
  ['the same in another order', { instances: ['db-02', 'db-01'] }],
  ['fields that the server leaves out', { notes: undefined, scenario: undefined }],
  ['fields of its own', { last_execution_status: 'UNEXECUTED' }],
])('an answer with %s is the own one', (_what, made) => {
  expect(isForeign(made)).toBe(false);
});

test.each([
  ['another machine', { instances: ['db-01', 'db-03'] }],
  ['a machine less', { instances: ['db-01'] }],
  ['a machine more', { instances: ['db-01', 'db-02', 'db-03'] }],
  ['another origin', { origin_endpoint_id: 'x' }],
  ['another destination', { destination_endpoint_id: 'x' }],
  ['other notes', { notes: 'x' }],
  ['another scenario', { scenario: 'live_migration' }],
])('an answer with %s is foreign', (_what, made) => {
  expect(isForeign(made)).toBe(true);
});
