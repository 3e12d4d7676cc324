import fc from 'fast-check';
import { connect, isCoriolisError, type CoriolisApi, type Transport } from '../../library';
import { startSandbox } from '../../sandbox/sandbox';
import { makeDefaultTransport } from '../../library/connect-defaults';
import { isObject } from '../../src/model/json';
import { cases } from '../support/cases';
import { loginTo } from './support';

/**
 * Servers that are newer, older or broken: whatever stands somewhere in an answer, reading it gives a result or one of the
 * errors that say what is wrong, and never one of the language.
 */

type Read = (coriolis: CoriolisApi) => Promise<unknown>;
type Answer = Awaited<ReturnType<Transport['send']>>;

/** What was answered to everything that reads, by method and address. */
const answers = new Map<string, Answer>();
const reads = new Map<string, Read>();

/** A place in an answer that a read asks for. */
interface Place {
  readonly read: string;
  readonly asked: string;
  readonly path: readonly string[];
}
const places: Place[] = [];

const GONE = Symbol('gone');

const damages: Readonly<Record<string, (value: unknown) => unknown>> = {
  gone: () => GONE,
  null: () => null,
  'an empty text': () => '',
  'another word': () => 'HIBERNATING',
  'a text for a number': (value) => (typeof value === 'number' ? String(value) : 'x'),
  'a huge number': () => 9e25,
  'an object': () => ({ of: 'the future' }),
  'a list': () => ['of the future'],
};

const keyOf = ({ method, url }: { method: string; url: string }): string => `${method} ${url}`;

/** Every place in a value, of lists only in the first entry. */
function* placesIn(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (path.length > 7) return;
  const entries = Array.isArray(value)
    ? Object.entries(value).slice(0, 1)
    : isObject(value)
      ? Object.entries(value)
      : [];
  for (const [key, entry] of entries) yield* placesIn(entry, [...path, key]);
}

function changed(
  value: unknown,
  [key = '', ...rest]: readonly string[],
  change: (value: unknown) => unknown,
): unknown {
  const entries = Object.entries(value as object).flatMap(([name, entry]: [string, unknown]) => {
    if (name !== key) return [[name, entry]];
    const after = rest.length === 0 ? change(entry) : changed(entry, rest, change);
    return after === GONE ? [] : [[name, after]];
  });
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
}

beforeAll(async () => {
  const sandbox = await startSandbox({ speed: 1200 });
  try {
    const real = makeDefaultTransport();
    const asked = new Set<string>();
    const transport: Transport = {
      async send(request) {
        const answer = await real.send(request);
        asked.add(keyOf(request));
        answers.set(keyOf(request), answer);
        return answer;
      },
    };
    const coriolis = connect({ ...loginTo(sandbox), transport });
    const named = new Map(
      (await coriolis.endpoints.list().toArray()).map(({ id, name }): [string, string] => [name, id]),
    );
    const [vcenter = '', openstack = ''] = [named.get('vcenter'), named.get('openstack')];
    const [machine] = await coriolis.instances.list({ endpointId: vcenter }).toArray();
    const { id: transferId } = await coriolis.transfers.create({
      originEndpointId: vcenter,
      destinationEndpointId: openstack,
      instances: [machine?.name ?? ''],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes: 'damaged',
    });
    await coriolis.executions.start({ transferId });
    await coriolis.executions.wait({ transferId });
    const { id: deploymentId } = await coriolis.deployments.create({ transferId });
    await coriolis.deployments.wait({ deploymentId });
    const { id: scheduleId } = await coriolis.schedules.create({ transferId, hour: 3, minute: 30 });
    const failed = (await coriolis.transfers.list({ status: 'ERROR' }).toArray())[0]?.id ?? '';

    const all: Readonly<Record<string, Read>> = {
      'endpoints.list': (it) => it.endpoints.list().toArray(),
      'endpoints.get': (it) => it.endpoints.get({ endpointId: 'vcenter' }),
      'endpoints.validate': (it) => it.endpoints.validate({ endpointId: vcenter }),
      'endpoints.getNetworks': (it) => it.endpoints.getNetworks({ endpointId: openstack }).toArray(),
      'endpoints.getStorage': (it) => it.endpoints.getStorage({ endpointId: openstack }).toArray(),
      'endpoints.getDestinationOptions': (it) =>
        it.endpoints.getDestinationOptions({ endpointId: openstack }).toArray(),
      'instances.list': (it) => it.instances.list({ endpointId: vcenter }).toArray(),
      'providers.list': (it) => it.providers.list().toArray(),
      'transfers.list': (it) => it.transfers.list().toArray(),
      'transfers.get': (it) => it.transfers.get({ transferId: 'damaged' }),
      'transfers.preflight': (it) => it.transfers.preflight({ transferId }),
      'transfers.delete.preview': (it) => it.transfers.delete.preview({ transferId }),
      'executions.list': (it) => it.executions.list({ transferId }).toArray(),
      'executions.get': (it) => it.executions.get({ transferId }),
      'executions.wait': (it) => it.executions.wait({ transferId, timeoutSeconds: 1 }),
      'executions.diagnose': (it) => it.executions.diagnose({ transferId: failed }),
      'executions.start.preview': (it) =>
        it.executions.start.preview({ transferId, shutdownInstances: true }),
      'schedules.list': (it) => it.schedules.list({ transferId }).toArray(),
      'schedules.get': (it) => it.schedules.get({ transferId, scheduleId }),
      'deployments.list': (it) => it.deployments.list().toArray(),
      'deployments.get': (it) => it.deployments.get({ deploymentId }),
      'deployments.wait': (it) => it.deployments.wait({ deploymentId, timeoutSeconds: 1 }),
      'deployments.diagnose': (it) => it.deployments.diagnose({ deploymentId }),
      'migrations.list': (it) => it.migrations.list().toArray(),
      'minionPools.list': (it) => it.minionPools.list().toArray(),
      'regions.list': (it) => it.regions.list().toArray(),
      'services.list': (it) => it.services.list().toArray(),
      'diagnostics.get': (it) => it.diagnostics.get().toArray(),
      'licences.getAppliances': (it) => it.licences.getAppliances().toArray(),
      'estates.summarize': (it) => it.estates.summarize(),
    };
    for (const [name, read] of Object.entries(all)) {
      reads.set(name, read);
      asked.clear();
      await read(coriolis);
      for (const key of asked) {
        const body = answers.get(key)?.body ?? '';
        if (key.includes('/auth/tokens') || !body.startsWith('{')) continue;
        for (const path of placesIn(JSON.parse(body))) places.push({ read: name, asked: key, path });
      }
    }
    login = loginTo(sandbox);
  } finally {
    await sandbox.stop();
  }
});
let login: ReturnType<typeof loginTo>;

/** A server that answers as it did, but for one place. */
function damagedServer({ asked, path }: Place, damage: (value: unknown) => unknown): CoriolisApi {
  let now = Date.now();
  return connect({
    ...login,
    retry: { attempts: 1 },
    runtime: {
      clock: () => now,
      sleep: async (ms) => {
        now += ms;
      },
      random: () => 0.5,
    },
    transport: {
      async send(request) {
        const answer = answers.get(keyOf(request));
        if (answer === undefined)
          return { status: 404, headers: {}, body: '{"error": {"message": "not found"}}' };
        if (keyOf(request) !== asked) return answer;
        return { ...answer, body: JSON.stringify(changed(JSON.parse(answer.body), path, damage)) };
      },
    },
  });
}

it('is asked for in many places', () => {
  expect(places.length).toBeGreaterThan(1_500);
});

it('is read, or refused in words', async () => {
  const place = fc.nat().map((at) => places[at % places.length] as Place);
  await fc.assert(
    fc.asyncProperty(place, fc.constantFrom(...Object.keys(damages)), async (where, how) => {
      const damage = damages[how] ?? (() => null);
      try {
        await reads.get(where.read)?.(damagedServer(where, damage));
      } catch (error) {
        if (!isCoriolisError(error)) throw error;
      }
    }),
    cases(3_000),
  );
});
