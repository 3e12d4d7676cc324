import type { ServerContext } from '@modelcontextprotocol/server';
import { confirmCall, fetchPreview, type ConfirmationSettings } from '../../mcp/confirmation/confirm-call';
import { ConfirmationTokens, type ConfirmableCall } from '../../mcp/confirmation/confirmation-tokens';
import { createSealMaker } from '../../mcp/confirmation/seal';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { catalogue } from '../../src/catalogue';
import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { Transport, TransportResponse } from '../../src/api/transport';
import { isObject, type JsonObject } from '../../src/model/json';
import { isActive } from '../../src/model/status';
import { effectOfField, operationId, worstEffectOf, type SingleOperation } from '../../src/operation';
import { prepareCall } from '../../src/prepared-call';
import type { Preview } from '../../src/vocabulary/preview';
import { machines } from '../waves/estate';
import { connect, one, operationOf, realFetch, rows, sleepingOn } from '../support/coriolis';

/**
 * For every destructive operation of the catalogue: each fact that the server tells while a call is previewed is changed before the
 * call is confirmed. Where the change shows in the preview, the confirmation is refused and says what changed. Where it does not
 * show, the confirmation holds.
 */

const destructive = catalogue.filter(
  (operation): operation is SingleOperation =>
    operation.kind === 'single' && worstEffectOf(operation) === 'destroy',
);

const clock = new ManualClock();
let sandbox: Sandbox;
let coriolis: Coriolis;
/** A call of each operation that its preview does not refuse. */
let calls: Readonly<Record<string, JsonObject>>;

const idOf = async (id: string, input: JsonObject): Promise<string> =>
  String((await one(coriolis, id, input))['id']);

const PLACED = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private', Backend: 'private' },
};

async function synced(...instances: string[]): Promise<string> {
  const transferId = await idOf('transfer.create', { ...PLACED, instances });
  await one(coriolis, 'execution.start', { transferId });
  await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
  return transferId;
}

const firstId = async (id: string, input: JsonObject = {}): Promise<string> =>
  String((await rows(coriolis, id, input, { limit: 1 }))[0]?.row['id']);

beforeAll(async () => {
  sandbox = await startSandbox({ clock, machines: machines(4) });
  const { admin } = sandbox.connection;
  coriolis = connect(sandbox, admin, sleepingOn(clock));
  const endpoint = { type: 'openstack', connection: { host: 'h.example.com', username: 'u', password: 'p' } };
  const endpointId = await idOf('endpoint.create', { name: 'unused', ...endpoint });
  const regionId = await idOf('region.create', { name: 'swept' });
  const pool = await idOf('minionPool.create', {
    name: 'swept',
    endpointId: 'openstack',
    platform: 'destination',
    environmentOptions: { migr_network: 'private' },
    skipAllocation: true,
  });
  const applianceId = await firstId('licence.getAppliances');
  const transferId = await synced('web-01', 'web-02');
  const scheduleId = await idOf('schedule.create', { transferId, hour: 3, minute: 0 });
  const executionId = await firstId('execution.getAll', { transferId });
  const deploymentId = await idOf('deployment.create', { transferId });
  await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 80_000 });
  const migrationId = await idOf('migration.create', { ...PLACED, instances: ['db-01'], notes: 'moved' });
  const executed = await synced('web-03');
  const running = await idOf('transfer.create', { ...PLACED, instances: ['slow-vm'] });
  await one(coriolis, 'execution.start', { transferId: running });
  const deployed = await synced('app-01');
  const canceled = await idOf('migration.create', { ...PLACED, instances: ['wave-003'], notes: 'canceled' });
  await one(coriolis, 'migration.cancel', { migrationId: canceled });
  await one(coriolis, 'migration.wait', { migrationId: canceled, timeoutSeconds: 80_000 });
  const planned = { ...PLACED, shutdownInstances: true, table: 'machine,wave\nwave-001,W 1\nwave-002,W 1' };
  const prepared = { ...PLACED, table: 'machine,wave\nwave-004,W 2' };
  const hashOf = async (plan: JsonObject) => (await one(coriolis, 'wave.plan', plan))['plan_hash'];
  await one(coriolis, 'wave.run', {
    ...prepared,
    planHash: await hashOf(prepared),
    until: 'prepared',
    timeoutSeconds: 80_000,
  });
  const deploying = await idOf('deployment.create', { transferId: deployed });
  calls = {
    'endpoint.delete': { endpointId },
    'transfer.delete': { transferId },
    'transfer.deleteDisks': { transferId },
    'execution.start': { transferId: executed },
    'execution.cancel': { transferId: running },
    'execution.delete': { transferId, executionId },
    'schedule.create': { transferId, hour: 4, minute: 0 },
    'schedule.update': { transferId, scheduleId },
    'schedule.delete': { transferId, scheduleId },
    'deployment.cancel': { deploymentId: deploying },
    'deployment.delete': { deploymentId },
    'migration.create': { ...PLACED, instances: ['db-02'] },
    'migration.cancel': { migrationId },
    'migration.delete': { migrationId: canceled },
    'wave.run': { ...planned, planHash: await hashOf(planned), until: 'cut_over' },
    'wave.abandon': { wave: 'W 2' },
    'minionPool.delete': { minionPoolId: pool },
    'minionPool.deallocate': { minionPoolId: await firstId('minionPool.getAll') },
    'region.delete': { regionId },
    'service.delete': { serviceId: await firstId('service.getAll') },
    'licence.delete': { applianceId, licenceId: await firstId('licence.getAll', { applianceId }) },
  };
});
afterAll(() => sandbox.stop());

/** A value in an answer: what is asked for, and the keys that lead to the value. */
interface Fact {
  readonly url: string;
  readonly path: readonly (string | number)[];
  /** The place without ids and numbers, for people. */
  readonly place: string;
}

/** Deeper are the tasks of runs and the devices of machines, of which previews show numbers. */
const MAX_DEPTH = 4;

/** The values of an answer, each list as one that loses its last row too. One of each place is enough. */
function factsOf(url: string, value: unknown, path: readonly (string | number)[] = []): readonly Fact[] {
  const route = url.split('?')[0]?.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{40,}/gu, '*') ?? '';
  const place = `${route.replace(/^https?:\/\/[^/]+\/v1\/\w+/u, '')} ${path.map((key) => (typeof key === 'number' ? '*' : key)).join('.')}`;
  const own = Array.isArray(value) ? value.length > 0 : !isObject(value) && typeof value !== 'boolean';
  const below = Array.isArray(value)
    ? value.slice(0, 2).map((entry, index) => [index, entry] as const)
    : isObject(value)
      ? Object.entries(value).filter(([key]) => key !== 'links')
      : [];
  return [
    ...(own && path.length > 0 && path.length <= MAX_DEPTH ? [{ url, path, place }] : []),
    ...below.flatMap(([key, entry]) => factsOf(url, entry, [...path, key])),
  ];
}

/** Another value that might stand in the same place. */
function changed(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, -1);
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return 'something';
  if (/^\d{4}-\d\d-\d\dT/u.test(value)) return value.replace(/:\d\d(?=\.|Z|$)/u, ':59');
  return /^[A-Z_]+$/u.test(value) ? (value === 'ERROR' ? 'COMPLETED' : 'ERROR') : `${value}-changed`;
}

function withChange(body: unknown, [key, ...rest]: readonly (string | number)[]): unknown {
  if (key === undefined) return changed(body);
  if (Array.isArray(body))
    return body.map((entry: unknown, index) => (index === key ? withChange(entry, rest) : entry));
  return isObject(body) ? { ...body, [key]: withChange(body[key], rest) } : body;
}

let login: Promise<TransportResponse> | undefined;

/** The answers of the server, in which one fact may be changed. */
class Answers implements Transport {
  readonly facts = new Map<string, Fact>();
  change: Fact | undefined;

  async send(request: Parameters<Transport['send']>[0]) {
    const isLogin = request.url.includes('/auth/tokens');
    // A preview may ask Coriolis whether it can connect to a platform; it changes nothing.
    if (request.method !== 'GET' && !isLogin && !request.body?.includes('validate-connection')) {
      throw new Error(`a preview sends ${request.method} ${request.url}`);
    }
    if (isLogin) return await (login ??= realFetch.send(request));
    const answer = await realFetch.send(request);
    if (request.url.includes('/v3') || answer.status !== 200) return answer;
    const body: unknown = isJson(answer.body) ? JSON.parse(answer.body) : undefined;
    if (body === undefined) return answer;
    for (const fact of factsOf(request.url, body))
      if (!this.facts.has(fact.place)) this.facts.set(fact.place, fact);
    return this.change?.url === request.url
      ? { ...answer, body: JSON.stringify(withChange(body, this.change.path)) }
      : answer;
  }
}

const isJson = (text: string): boolean => /^\s*[[{]/u.test(text);

const tokens = new ConfirmationTokens(() => 0, createSealMaker('k'.repeat(32))('confirmation'));
const settings = {
  getConfirmationTokens: () => Promise.resolve(tokens),
  asks: false,
} as unknown as ConfirmationSettings;
const context = { mcpReq: { requestState: () => undefined } } as unknown as ServerContext;

/** A preview as the person sees it, without the progress of a run at work. */
const shownIn = ({ subject, consequences }: Preview): readonly string[] => [
  subject.id,
  subject.name,
  subject.status,
  isActive(subject.status) ? '' : subject.changed,
  ...consequences,
];

/** The inputs that name something with machines, whose previews must show the machines and both endpoints. */
const MOVES = ['transferId', 'deploymentId', 'migrationId'];
const MOVE_PLACES = ['.instances.*', '.origin_endpoint_id', '.destination_endpoint_id', ' endpoint.name'];

it.each(destructive.map(operationId))('%s: what is shown is what is confirmed', async (id) => {
  const operation = operationOf(id) as SingleOperation;
  const input = { ...calls[id] };
  // A new operation needs a call in the table above.
  expect(Object.keys(input)).not.toEqual([]);
  for (const [name, field] of Object.entries(operation.input))
    if (effectOfField(field) === 'destroy') input[name] = true;

  const answers = new Answers();
  const { admin } = sandbox.connection;
  /** The call and its preview, by a client that knows nothing yet. */
  const look = async (change?: Fact) => {
    answers.change = change;
    const call = await prepareCall(operation, connect(sandbox, admin, sleepingOn(clock), answers), input);
    const preview = await fetchPreview(call);
    const confirmable: ConfirmableCall = {
      caller: 'local',
      tool: operation.tool,
      input: call.input,
      subject: preview.subject,
      consequences: preview.consequences,
    };
    return { preview, confirmable };
  };
  const first = await look();
  expect(first.preview.refusal).toBeUndefined();
  const before = shownIn(first.preview);

  const shown: string[] = [];
  const problems: string[] = [];
  for (const fact of [...answers.facts.values()]) {
    const token = tokens.issue(first.confirmable, 'token').token;
    const now = await look(fact).catch((error: unknown) => error);
    // The call itself is refused: nothing can be confirmed.
    if (isCoriolisError(now)) continue;
    if (now instanceof Error) throw now;
    const { preview, confirmable } = now as typeof first;
    const verdict = await confirmCall(settings, operation, confirmable, preview, token, context).catch(
      (error: unknown) => error,
    );
    const added = shownIn(preview).filter((text) => !before.includes(text));
    const isShown = JSON.stringify(shownIn(preview)) !== JSON.stringify(before);
    if (isShown) shown.push(fact.place);
    if (preview.refusal !== undefined) {
      if (!(verdict instanceof Error && verdict.message.includes(preview.refusal)))
        problems.push(`${fact.place}: not refused`);
    } else if (!isShown) {
      if (verdict instanceof Error) problems.push(`${fact.place} does not show, but: ${verdict.message}`);
    } else {
      const message = verdict instanceof Error ? verdict.message : 'confirmed';
      const names =
        added.length === 0
          ? /no longer true|another order/u.test(message)
          : added
              .slice(0, 5)
              .every((text) => message.includes(text.trim().slice(0, 100).replace(/[«»]/gu, '"')));
      if (!message.includes('has changed since the preview') || !names)
        problems.push(`${fact.place}: ${message}`);
    }
  }

  expect(problems).toEqual([]);
  expect(shown).not.toEqual([]);
  if (MOVES.some((name) => name in operation.input)) {
    expect(MOVE_PLACES.filter((place) => !shown.some((one) => one.endsWith(place)))).toEqual([]);
  }
});
