import { executionPath, hurried, inTurn, nothing, quick, then, withTaskSeconds } from '../acts';
import type { Json, Lab } from '../lab';
import type { Scene, SetUp, SetUps } from '../replay';

/** The secrets that the recordings name, each made from the body of the recording that made it. */
const GUI_SECRET = '282f3eeb-05fb-42a7-97af-27b47cb349ae';
const NAMED_SECRET = '92d7da98-2bf1-4ae7-a45c-36e396ae1823';
const EXPIRING_SECRET = '5e067be1-823b-4453-866f-6daeb8249f12';
const LATER_SECRET = '58b2c75a-34e8-4dce-9a66-a46d976fdf88';
const SHARED_SECRET = '100a04e9-1aa7-44db-abe0-3fd9557ee1b4';
const FOREIGN_SECRET = '3cdecb58-345f-4303-ac70-6bf738e69317';
const NOT_JSON_SECRET = '56dc5988-51bd-4bbf-b0fb-4ec305762a4e';
const MISSING_SECRET = '00000000-0000-4000-8000-00000000dead';

const VCENTER = { host: 'vcenter.example.com', username: 'administrator', password: '<password>' };

const secretOf = (recording: string, recorded: string): SetUp => {
  return async (lab) => ({ secret: await lab.secret(`barbican/${recording}`, recorded) });
};
const guiSecret = secretOf('barbican-secret-create-gui-body', GUI_SECRET);
const namedSecret = secretOf('barbican-secret-create', NAMED_SECRET);
const expiringSecret = secretOf('barbican-secret-create-expiring', EXPIRING_SECRET);
const emptySecret = secretOf('barbican-secret-create-no-payload', LATER_SECRET);
/** Its payload was stored afterwards. */
const filledSecret = then(emptySecret, (lab, { secret }) => {
  const stored = lab.sandbox.secrets.get(secret ?? '', 0);
  if (stored) stored.payload = '{"a": 1}';
});
const deletedSecret = then(guiSecret, (lab, { secret }) => lab.barbican('DELETE', `secrets/${secret}`));

/** The five secrets that the recorded project had when it was asked for a list. */
const fiveSecrets = inTurn(
  guiSecret,
  namedSecret,
  expiringSecret,
  filledSecret,
  secretOf('barbican-secret-create-unknown-field', 'd46b46d1-f119-43a7-b11e-d5cc97c24b93'),
);

const later: SetUp = (lab) => {
  lab.advance(1);
  return Promise.resolve({});
};

/** A secret of the other project; shared: the main user may read it all the same. */
const foreignSecret =
  (recorded: string, shared: boolean): SetUp =>
  async (lab) => {
    const token = await lab.login({ user: 'other' });
    const body = { payload: JSON.stringify(VCENTER), payload_content_type: 'text/plain' };
    const secret = await lab.storeSecret(body, token);
    lab.substitution.set(recorded, secret);
    if (shared) {
      const acl = { read: { users: [lab.sandbox.users.demo.id] } };
      await lab.barbican('PUT', `secrets/${secret}/acl`, acl, token);
    }
    return { secret };
  };

type Person = Parameters<Lab['login']>[0];
const as =
  (person: Person): SetUp =>
  async (lab) => ({ token: await lab.login(person) });
const asReader = as({ user: 'reader' });
const asMember = as({ user: 'member' });
const asOwnerOfForeign = as({ user: 'other' });

/** An endpoint whose connection data are what a function says, e.g. a reference to a secret. */
const endpointBy =
  (connectionInfo: (scene: Scene, lab: Lab) => Json): ((lab: Lab, scene: Scene) => Promise<Scene>) =>
  async (lab, scene) => ({ endpoint: await lab.endpointWith(connectionInfo(scene, lab)) });
const reference = (scene: Scene, lab: Lab): string =>
  `${lab.sandbox.url}/barbican/v1/secrets/${scene.secret}`;
const byReference = endpointBy((scene, lab) => ({ secret_ref: reference(scene, lab) }));
const byText = (secret_ref: string) =>
  then(
    nothing,
    endpointBy(() => ({ secret_ref })),
  );

/** An endpoint whose secret holds this text. */
const endpointWithPayload = (payload: string): SetUp =>
  then(async (lab) => {
    const secret = await lab.storeSecret({ payload, payload_content_type: 'text/plain' });
    lab.substitution.set(NOT_JSON_SECRET, secret);
    return { secret };
  }, byReference);

const endpointBySecret = then(guiSecret, async (lab) => ({
  endpoint: await lab.endpoint('barbican/coriolis-endpoint-create-secret-ref'),
}));
const recordedEndpoint = then(guiSecret, async (lab) => ({
  endpoint: await lab.endpoint('barbican/coriolis-endpoint-create-secret-ref'),
}));
const notJson = endpointWithPayload('host=vcenter.example.com');
const unknownSecret = hurried(byText(`http://127.0.0.1/v1/secrets/${MISSING_SECRET}`));
const brokenReference = hurried(byText('not a reference'));
const foreignEndpoint = hurried(then(foreignSecret(FOREIGN_SECRET, false), byReference));
const deletedLater = then(endpointBySecret, (lab, { secret }) => lab.barbican('DELETE', `secrets/${secret}`));

/** A transfer from the endpoint, with the quick tasks of the recorded one. */
const transferBySecret: SetUp = then(endpointBySecret, async (lab, { endpoint }) => {
  const changes = { ...withTaskSeconds(0.2), origin_endpoint_id: endpoint };
  const { like, changes: plan } = quick('test-vm-03', changes);
  return { transfer: await lab.transfer(like, plan) };
});
const transferWithoutSecret = then(transferBySecret, (lab, { secret }) =>
  lab.barbican('DELETE', `secrets/${secret}`),
);
const finished = (setUp: SetUp, status: string): SetUp =>
  then(setUp, async (lab, scene) => {
    const execution = await lab.execute(scene.transfer ?? '', { shutdown_instances: false });
    await lab.until(executionPath({ ...scene, execution }), status);
    return { execution };
  });

/** The recorded transfer's endpoints. */
const endpointsOfTransfer: SetUp = then(endpointBySecret, (lab, { endpoint }) => {
  lab.substitution.set('aa60aa7a-c535-4bf3-a48a-a892f8161e95', endpoint ?? '');
  lab.substitution.set('ab572b56-df59-4d99-b507-8884c70768ce', lab.openstack);
});

/** Barbican alone. */
const alone: SetUps = {
  'barbican-acl-default': inTurn(foreignSecret(SHARED_SECRET, false), asOwnerOfForeign),
  'barbican-acl-put': inTurn(foreignSecret(SHARED_SECRET, false), asOwnerOfForeign),
  'barbican-request-too-large': nothing,
  'barbican-secret-create': nothing,
  'barbican-secret-create-bad-json': nothing,
  'barbican-secret-create-bad-token-401': nothing,
  'barbican-secret-create-empty-payload': nothing,
  'barbican-secret-create-expiring': nothing,
  'barbican-secret-create-gui-body': nothing,
  'barbican-secret-create-json-content-type': nothing,
  'barbican-secret-create-member-403': asMember,
  'barbican-secret-create-no-payload': nothing,
  'barbican-secret-create-object-payload': nothing,
  'barbican-secret-create-other-project': asOwnerOfForeign,
  'barbican-secret-create-payload-no-content-type': nothing,
  'barbican-secret-create-reader-403': asReader,
  'barbican-secret-create-too-large': nothing,
  'barbican-secret-create-unknown-field': nothing,
  'barbican-secret-create-wrong-content-type': nothing,
  'barbican-secret-delete-204': guiSecret,
  'barbican-secret-delete-404': nothing,
  'barbican-secret-delete-foreign': inTurn(guiSecret, asOwnerOfForeign),
  'barbican-secret-list': fiveSecrets,
  'barbican-secret-list-bad-sort-400': nothing,
  'barbican-secret-list-limit': fiveSecrets,
  'barbican-secret-list-member': asMember,
  'barbican-secret-list-name': fiveSecrets,
  'barbican-secret-list-reader': asReader,
  'barbican-secret-list-sort': inTurn(namedSecret, later, guiSecret),
  'barbican-secret-list-unscoped': as({ user: 'demo', scope: 'unscoped' }),
  'barbican-secret-payload': guiSecret,
  'barbican-secret-payload-404': nothing,
  'barbican-secret-payload-accept-any': guiSecret,
  'barbican-secret-payload-accept-json-406': guiSecret,
  'barbican-secret-payload-deleted-404': deletedSecret,
  'barbican-secret-payload-foreign': inTurn(guiSecret, asOwnerOfForeign),
  'barbican-secret-payload-foreign-shared': foreignSecret(SHARED_SECRET, true),
  'barbican-secret-payload-member': inTurn(guiSecret, asMember),
  'barbican-secret-payload-missing-404': emptySecret,
  'barbican-secret-payload-octet-stream': guiSecret,
  'barbican-secret-payload-reader': inTurn(guiSecret, asReader),
  'barbican-secret-payload-same-project-other-user': inTurn(
    guiSecret,
    as({ user: 'admin', scope: 'migration' }),
  ),
  'barbican-secret-put-payload': emptySecret,
  'barbican-secret-put-payload-again-409': filledSecret,
  'barbican-secret-show': guiSecret,
  'barbican-secret-show-404': nothing,
  'barbican-secret-show-accept-text': guiSecret,
  'barbican-secret-show-deleted-404': deletedSecret,
  'barbican-secret-show-foreign': inTurn(guiSecret, asOwnerOfForeign),
  'barbican-secret-show-member': inTurn(guiSecret, asMember),
  'barbican-secret-show-named': namedSecret,
  'barbican-secret-show-no-payload': emptySecret,
  'barbican-secret-show-no-token-401': guiSecret,
  'barbican-secret-show-not-uuid': nothing,
  'barbican-secret-show-reader': inTurn(guiSecret, asReader),
  'barbican-v1-root': nothing,
  'barbican-versions': nothing,
};

/** Coriolis with endpoints whose connection data are in Barbican. */
const behindCoriolis: SetUps = {
  'coriolis-endpoint-create-foreign-secret': foreignSecret(FOREIGN_SECRET, false),
  'coriolis-endpoint-create-secret-not-json': nothing,
  'coriolis-endpoint-create-secret-ref': guiSecret,
  'coriolis-endpoint-create-unknown-secret': nothing,
  'coriolis-endpoint-instances-broken-ref': brokenReference,
  'coriolis-endpoint-instances-foreign-secret': foreignEndpoint,
  'coriolis-endpoint-instances-secret-not-json': notJson,
  'coriolis-endpoint-instances-secret-ref': endpointBySecret,
  'coriolis-endpoint-instances-unknown-secret': unknownSecret,
  'coriolis-endpoint-show-secret-ref': recordedEndpoint,
  'coriolis-endpoint-validate-after-update': then(deletedLater, async (lab, { endpoint }) => {
    const secret = await lab.storeSecret(lab.bodyOf('barbican/barbican-secret-create-gui-body'));
    const connection_info = { secret_ref: reference({ secret }, lab) };
    await lab.call('PUT', `endpoints/${endpoint}`, { endpoint: { connection_info } });
  }),
  'coriolis-endpoint-validate-barbican-down': hurried(
    then(endpointBySecret, (lab) => {
      lab.sandbox.faults.plan('barbican-down');
    }),
  ),
  'coriolis-endpoint-validate-broken-ref': brokenReference,
  'coriolis-endpoint-validate-deleted-secret': hurried(deletedLater),
  'coriolis-endpoint-validate-foreign-secret': foreignEndpoint,
  'coriolis-endpoint-validate-foreign-secret-shared': then(foreignSecret(SHARED_SECRET, true), byReference),
  'coriolis-endpoint-validate-ref-and-fields': then(
    guiSecret,
    endpointBy((scene, lab) => ({
      ...VCENTER,
      host: 'unreachable.example.com',
      secret_ref: reference(scene, lab),
    })),
  ),
  'coriolis-endpoint-validate-ref-other-host': then(
    guiSecret,
    endpointBy(({ secret }) => ({ secret_ref: `http://barbican.example.com/v1/secrets/${secret}` })),
  ),
  'coriolis-endpoint-validate-ref-uuid-only': then(
    guiSecret,
    endpointBy(({ secret }) => ({ secret_ref: secret })),
  ),
  'coriolis-endpoint-validate-secret-not-json': notJson,
  'coriolis-endpoint-validate-secret-ref': endpointBySecret,
  'coriolis-endpoint-validate-secret-ref-member': hurried(inTurn(endpointBySecret, asMember)),
  'coriolis-endpoint-validate-secret-ref-reader': hurried(inTurn(endpointBySecret, asReader)),
  'coriolis-endpoint-validate-secret-schema': endpointWithPayload('{"host": "vcenter.example.com"}'),
  'coriolis-endpoint-validate-secret-wrong-password': endpointWithPayload(
    JSON.stringify({ ...VCENTER, password: 'wrong' }),
  ),
  'coriolis-endpoint-validate-unknown-secret': unknownSecret,
  'coriolis-transfer-create-secret-ref': endpointsOfTransfer,
  'coriolis-transfer-execute-deleted-secret': transferWithoutSecret,
  'coriolis-transfer-execute-secret-ref': transferBySecret,
  'coriolis-transfer-execution-deleted-secret-final': finished(transferWithoutSecret, 'ERROR'),
  'coriolis-transfer-execution-secret-ref-final': finished(transferBySecret, 'COMPLETED'),
};

/** Secrets: in Barbican, and what Coriolis makes of references to them. */
export const barbican: SetUps = {
  'auth/expired-barbican': async (lab) => {
    const token = await lab.login({ user: 'demo' });
    lab.sandbox.identity.expireAllTokens();
    return { token };
  },
  ...Object.fromEntries(
    Object.entries({ ...alone, ...behindCoriolis }).map(([name, setUp]) => [`barbican/${name}`, setUp]),
  ),
};
