import { hurried, nothing, then } from '../acts';
import type { SetUp, SetUps } from '../replay';

const reader: SetUp = async (lab) => ({ token: await lab.login({ user: 'reader' }) });

/** An endpoint made from the body of another recording. */
const madeBy =
  (recording: string): SetUp =>
  async (lab) => ({ endpoint: await lab.endpoint(recording) });

/** An endpoint whose platform misbehaves in the way that its host name says. */
const reachedAt =
  (host: string): SetUp =>
  async (lab) => ({ endpoint: await lab.endpointOf({ host }) });

const withPort: SetUp = async (lab) => ({ endpoint: await lab.endpoint('endpoint-create') });
const updated: SetUp = then(withPort, async (lab, { endpoint }) => {
  lab.advance(1);
  await lab.call('PUT', `endpoints/${endpoint}`, { endpoint: { description: 'updated' } });
});

/** Nine transfers use the endpoint. */
const inUse: SetUp = async (lab) => {
  for (let count = 0; count < 9; count += 1) await lab.transfer('transfer-create');
  return {};
};

/** The endpoints that the recorded server had when it was asked for a list. */
const several: SetUp = async (lab) => {
  for (const recording of [
    'endpoint-create-unicode',
    'endpoint-create-duplicate-name',
    'endpoint-create-unknown-type',
  ]) {
    await lab.endpoint(recording);
    lab.advance(1);
  }
  return {};
};

/** Endpoints and what the platforms behind them tell. */
export const endpoint: SetUps = {
  'endpoint-action-empty-body': nothing,
  'endpoint-action-unknown-400': nothing,
  'endpoint-create': nothing,
  'endpoint-create-403': reader,
  'endpoint-create-bad-json-400': nothing,
  'endpoint-create-connection-info-not-validated': nothing,
  'endpoint-create-destination': nothing,
  'endpoint-create-duplicate-name': nothing,
  'endpoint-create-emoji': nothing,
  'endpoint-create-empty-body': nothing,
  'endpoint-create-form-content-type': nothing,
  'endpoint-create-json-array': nothing,
  'endpoint-create-missing-type-400': nothing,
  'endpoint-create-name-too-long': nothing,
  'endpoint-create-no-wrapper-400': nothing,
  'endpoint-create-secret-ref': nothing,
  'endpoint-create-unicode': nothing,
  'endpoint-create-unknown-region': nothing,
  'endpoint-create-unknown-type': nothing,
  'endpoint-delete-204': madeBy('endpoint-create-unicode'),
  'endpoint-delete-404': nothing,
  'endpoint-delete-in-use-403': inUse,
  'endpoint-destination-minion-pool-options': nothing,
  'endpoint-destination-options': nothing,
  'endpoint-destination-options-subset': nothing,
  'endpoint-destination-options-unsupported': nothing,
  'endpoint-instance-list': nothing,
  'endpoint-instance-list-404': nothing,
  'endpoint-instance-list-bad-credentials': reachedAt('bad-creds.example.com'),
  'endpoint-instance-list-env': nothing,
  'endpoint-instance-list-env-bad-base64': nothing,
  'endpoint-instance-list-env-bad-json': nothing,
  'endpoint-instance-list-limit-0': nothing,
  'endpoint-instance-list-limit-negative': nothing,
  'endpoint-instance-list-limit-text': nothing,
  'endpoint-instance-list-name': nothing,
  'endpoint-instance-list-page1': nothing,
  'endpoint-instance-list-page2': nothing,
  'endpoint-instance-list-page3-last': nothing,
  'endpoint-instance-list-page4-empty': nothing,
  'endpoint-instance-list-refresh': nothing,
  'endpoint-instance-list-slow-platform': hurried(reachedAt('slow.example.com')),
  'endpoint-instance-list-unknown-marker': nothing,
  'endpoint-instance-show': nothing,
  'endpoint-instance-show-404': nothing,
  'endpoint-instance-show-not-base64': nothing,
  'endpoint-instance-show-slash-unicode': nothing,
  'endpoint-inventory-accept-json': nothing,
  'endpoint-inventory-csv': nothing,
  'endpoint-list': several,
  'endpoint-list-as-reader': then(several, reader),
  'endpoint-list-detail': nothing,
  'endpoint-list-limit-ignored': several,
  'endpoint-network-list': nothing,
  'endpoint-network-list-env': nothing,
  'endpoint-network-list-unsupported': nothing,
  'endpoint-show': nothing,
  'endpoint-show-404': nothing,
  'endpoint-show-not-uuid': nothing,
  'endpoint-source-minion-pool-options': nothing,
  'endpoint-source-options': nothing,
  'endpoint-source-options-subset': nothing,
  'endpoint-storage-list': nothing,
  'endpoint-storage-list-unsupported': nothing,
  'endpoint-update-404': nothing,
  'endpoint-update-patch-method': nothing,
  'endpoint-update-type-ignored': updated,
  'endpoint-update-unmap-region': updated,
  'endpoint-validate-404': nothing,
  'endpoint-validate-bad-credentials': reachedAt('bad-creds.example.com'),
  'endpoint-validate-ok': nothing,
  'endpoint-validate-schema-fail': madeBy('endpoint-create-connection-info-not-validated'),
  'endpoint-validate-secret-ref-no-barbican': hurried(
    then(madeBy('endpoint-create-secret-ref'), (lab) => {
      lab.sandbox.faults.plan('barbican-down');
    }),
  ),
  'endpoint-validate-slow-platform': hurried(reachedAt('slow.example.com')),
  'endpoint-validate-unreachable': reachedAt('unreachable.example.com'),
};
