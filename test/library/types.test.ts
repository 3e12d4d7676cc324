import { connect, type CoriolisApi, type JsonObject, type Rows } from '../../library';
import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';

/** What the compiler knows of the library; a line marked as an error that compiles fails the type check. */

type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** Compiles only for a type that is `true`. */
const holds = <Claim extends true>(): Claim => true as Claim;

/** Compiled, never called. */
const claims: ReadonlyArray<(coriolis: CoriolisApi) => unknown> = [
  async ({ transfers }) => {
    for await (const transfer of transfers.list({ status: 'ERROR' })) {
      holds<Same<typeof transfer.id, string>>();
      holds<Same<typeof transfer.updated_at, string | null>>();
      // @ts-expect-error a row of a list has no such key
      void transfer.network_map;
    }
  },
  ({ transfers }) => {
    // @ts-expect-error no such status
    void transfers.list({ status: 'BROKEN' });
    // @ts-expect-error no such input
    void transfers.list({ stat: 'ERROR' });
    // @ts-expect-error no such operation
    void transfers.deallocate;
  },
  async ({ transfers }) => {
    // @ts-expect-error the id is missing
    void transfers.get();
    // @ts-expect-error the id is misspelled
    void transfers.get({ transferID: 'nightly' });
    // @ts-expect-error the id is no number
    void transfers.get({ transferId: 5 });
    const transfer = await transfers.get({ transferId: 'nightly' });
    holds<Same<(typeof transfer.executions)[number]['number'], number>>();
  },
  async ({ transfers }) => {
    const whole = await transfers.get({ transferId: 'nightly' }, { detail: 'full' });
    holds<Same<typeof whole, JsonObject>>();
    const rows = transfers.list({}, { detail: 'full' });
    holds<Same<typeof rows, Rows<JsonObject>>>();
  },
  ({ executions, regions, services }) => {
    void executions.wait({ transferId: 'nightly', timeoutSeconds: 60 });
    void executions.wait({ transferId: 'nightly', timeoutSeconds: undefined });
    void regions.list();
    // @ts-expect-error it takes no input
    void services.list({ status: 'up' });
  },
  async ({ watch }) => {
    for await (const { events, cursor } of watch({ kinds: ['execution'] })) {
      holds<Same<(typeof events)[number]['transfer_id'], string | null>>();
      void cursor;
    }
    // @ts-expect-error no such kind
    void watch({ kinds: ['weather'] });
  },
  () => {
    // @ts-expect-error no such option
    void connect({ authURL: 'https://keystone.example.com' });
  },
];

const api: object = connect({ authUrl: 'http://127.0.0.1:9', token: 'unused', projectId: 'p' });

it('compiles', () => {
  expect(claims).toHaveLength(7);
});

it.each(catalogue.map((operation) => [operationId(operation), operation]))(
  'has a method for %s',
  (_id, { resource, name }) => {
    const [first = '', ...rest] = resources[resource].plural.split(' ');
    const group = first + rest.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
    expect(api).toHaveProperty([group, name === 'getAll' ? 'list' : name], expect.any(Function));
  },
);
