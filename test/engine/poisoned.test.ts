import { inspect } from 'node:util';
import { Logger } from '@n8n/backend-common';
import { Container } from '@n8n/di';
import type { INodeParameters } from 'n8n-workflow';
import { connect } from '../../library';
import { mapConcurrently } from '../../src/api/map-concurrently';
import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';
import { eventsField } from '../../src/watch/trigger-fields';
import { node, type Poller } from '../support/engine';
import { adminAt, inputsFor, poisonedEstate, type KnownInputs } from '../support/poisoned-estate';
import { leaksIn, poisonedServer, SEEN, type PoisonedServer, type Said } from '../support/poisoned-server';
import { until } from '../support/until';
import { coriolisType, credentialType, locator, loginOf, startLab, triggerType, type Lab } from './lab';

/** Everything that n8n shows, stores and logs of a Coriolis whose every text is an attacker's and holds a secret. */

let lab: Lab;
let poisoned: PoisonedServer;
let known: KnownInputs;
const said: Said[] = [];
/** Operations that succeeded, and that failed, at least once. */
const outcomes = { succeeded: new Set<string>(), failed: new Set<string>() };

const keep = (where: string, value: unknown): void => {
  const shown = inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true });
  said.push({ where, text: `${JSON.stringify([value])} ${shown}` });
};

/** What an error workflow, the editor and a log see of an error. */
const keepError = (where: string, error: unknown): void => {
  const { message, description, context, messages, stack, cause } = error as Readonly<
    Record<string, unknown>
  >;
  keep(where, [error, message, description, context, messages, stack, cause]);
};

async function call(where: string, ask: () => Promise<unknown>): Promise<void> {
  await ask().then(
    (value) => keep(where, value),
    (error: unknown) => keepError(`the error of ${where}`, error),
  );
}

/** Parameters of the form for what an operation must be given. */
const parametersFor = (operation: Operation): INodeParameters =>
  Object.fromEntries(
    Object.entries(inputsFor(operation, known)).map(([name, value]) => [
      name,
      operation.input[name]?.kind === 'reference'
        ? locator(String(value))
        : typeof value === 'object'
          ? JSON.stringify(value)
          : (value as string),
    ]),
  );

/** Runs an operation as a person does in the editor: everything that the run leaves behind is looked at. */
async function runOperation(operation: Operation, parameters: INodeParameters, more: object): Promise<void> {
  const id = operationId(operation);
  const where = `${id} ${JSON.stringify([parameters, more])}${poisoned.fails ? ' of a server that fails' : ''}`;
  const onMessage = (_node: string, message: string) => keep(`progress of ${where}`, message);
  const result = await lab.run(id, parameters, { mode: 'manual', onMessage, node: more });
  const rows = result.rows('Coriolis');
  const isFailed = result.error !== undefined || rows.some((row) => 'error' in row);
  outcomes[isFailed ? 'failed' : 'succeeded'].add(id);
  keep(where, result.run.data.resultData);
  for (const { binary = {} } of result.items('Coriolis')) {
    for (const { data } of Object.values(binary))
      keep(`a page of ${where}`, Buffer.from(data, 'base64').toString('utf8'));
  }
  if (result.error !== undefined) keepError(`the error of ${where}`, result.error);
}

/** Runs every operation twice. What deletes comes last: it takes away the objects of the others. */
async function runEverything(): Promise<void> {
  for (const wanted of ['read', 'write', 'destroy']) {
    const operations = catalogue.filter(({ effect }) => effect === wanted);
    // Changes disturb each other, unless they all fail.
    const atOnce = wanted === 'read' || poisoned.fails ? 16 : 1;
    await mapConcurrently(operations, atOnce, async (operation) => {
      const parameters = parametersFor(operation);
      await runOperation(operation, parameters, { onError: 'continueRegularOutput' });
      await runOperation(operation, { ...parameters, simplify: false }, {});
    });
  }
}

/** What the editor asks for: lists of drop-downs, and forms that schemas of platforms describe. */
async function openForms(): Promise<void> {
  const { methods = {} } = lab.engine.nodeTypes.getByNameAndVersion(coriolisType);
  const filledIn = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      typeof value === 'string' && (name.endsWith('Id') || name === 'instance') ? locator(value) : value,
    ]),
  ) as INodeParameters;
  const form = lab.coriolis('transfer.create', filledIn);
  // The value of an entry is the name that is sent when the entry is chosen: it stays as it is.
  for (const name of Object.keys(methods.listSearch ?? {}))
    await call(`the list ${name}`, async () => {
      const { results } = await lab.engine.listSearch(form, name);
      return results.map(({ value: _name, ...shown }) => shown);
    });
  for (const name of Object.keys(methods.loadOptions ?? {}))
    await call(`the choices ${name}`, async () => {
      const options = await lab.engine.loadOptions(form, name);
      return options.map(({ value: _name, ...shown }) => shown);
    });
  for (const name of Object.keys(methods.resourceMapping ?? {}))
    await call(`the form ${name}`, () => lab.engine.mapperFields(form, name));
}

const trigger = (): Poller =>
  lab.engine.poller(
    node(
      'Trigger',
      triggerType,
      { events: eventsField.kind === 'choice' ? eventsField.choices.map(({ value }) => value) : [] },
      lab.credential,
    ),
  );

/** A run that ends between two polls, polls of a server that fails, and what *Fetch Test Event* shows. */
async function watch(): Promise<void> {
  const poller = trigger();
  const polls: unknown[] = [];
  const poll = async () => {
    const events = await poller.poll();
    polls.push(...(events ?? []));
    return events;
  };
  await poll();
  await lab.run('execution.start', { transferId: locator(String(known['transferId'])) });
  await until('an event', poll, (events) => events !== null, { pauseMs: 300 });
  keep('the trigger', polls);
  await call('a test event', () => poller.fetchTestEvent());
  poisoned.fails = true;
  for (let turn = 0; turn < 8; turn += 1) await call('a poll of a server that fails', () => poller.poll());
  await call('a test event of a server that fails', () => poller.fetchTestEvent());
  poisoned.fails = false;
  for (const failure of poller.failures()) keepError('a failure of the trigger', failure);
  keep('the static data of the trigger', poller.saved());
}

beforeAll(async () => {
  const logger = Container.get(Logger);
  for (const level of ['error', 'warn', 'info', 'debug'] as const) {
    jest.spyOn(logger, level).mockImplementation((...line: unknown[]) => keep(`the log (${level})`, line));
  }
  lab = await startLab({ speed: 2000, transfers: 8 });
  const { sandbox } = lab;
  known = await poisonedEstate(connect(adminAt(sandbox.connection, sandbox.url)));
  poisoned = await poisonedServer(sandbox.url);
  const { admin } = sandbox.connection;
  lab.engine.credentials.edit(lab.credential, {
    ...loginOf(sandbox),
    authUrl: `${poisoned.url}/v3`,
    userName: admin.username,
    password: admin.password,
    projectName: admin.project,
  });
  await watch();
  await openForms();
  poisoned.fails = true;
  await openForms();
  for (let turn = 0; turn < 12; turn += 1) {
    const test = await lab.engine.testCredential(credentialType, lab.engine.credentials.read(lab.credential));
    keep('the test of the credential', test);
  }
  await runEverything();
  poisoned.fails = false;
  await runEverything();
});
afterAll(async () => {
  jest.restoreAllMocks();
  await poisoned.close();
  await lab.stop();
});

it('most of what is planted comes to n8n, and most operations succeed and fail', () => {
  const all = catalogue.map(operationId);
  expect(poisoned.planted()).toBeGreaterThan(1500);
  expect(said.filter(({ text }) => text.includes(SEEN)).length).toBeGreaterThan(40);
  expect(all.filter((id) => !outcomes.failed.has(id))).toEqual([]);
  expect(outcomes.succeeded.size).toBeGreaterThan(60);
});

it('no secret is in an item, a page, an error, a hint, a list, a form, an event, stored data or the log', () => {
  expect(leaksIn(said)).toEqual([]);
});
