import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { Coriolis } from '../../nodes/Coriolis/Coriolis.node';
import { catalogue } from '../../src/catalogue';
import { operationId, type Operation } from '../../src/operation';
import type { AnyField } from '../../src/vocabulary/field';
import { locator, startLab, type Lab } from './lab';

/**
 * Every list and every form of the node, found in its description: they load with what the node before gave, and while the
 * fields that they depend on are expressions without a value they say what to do.
 */

let lab: Lab;
/** Values for references to a resource; for some fields their own. */
let known: Readonly<Record<string, string>>;

beforeAll(async () => {
  lab = await startLab();
  const [appliance] = await lab.rows('licence.getAppliances');
  const transfer = locator('Web server, nightly replica');
  const [pool] = await lab.rows('minionPool.create', {
    name: 'workers',
    endpointId: locator('openstack'),
    platform: 'destination',
    osType: 'linux',
    environmentOptions: { migr_network: 'private', migr_flavor_name: 'm1.small' },
  });
  await lab.rows('region.create', { name: 'north' });
  await lab.rows('schedule.create', { transferId: transfer, minute: 0 });
  await lab.rows('deployment.create', { transferId: transfer });
  known = {
    minionPool: String(pool?.['id']),
    endpoint: 'vcenter',
    destinationEndpointId: 'openstack',
    instance: 'web-01',
    transfer: 'Web server, nightly replica',
    provider: 'vmware_vsphere',
    appliance: String(appliance?.['id']),
  };
});
afterAll(() => lab.stop());

type Kind = 'list' | 'options' | 'form';

/** Methods of the node that fill a list or a form, each with an operation whose form calls it. */
function calledMethods(): ReadonlyArray<readonly [method: string, kind: Kind, operation: Operation]> {
  const found = new Map<string, readonly [string, Kind, Operation]>();
  const visit = (property: INodeProperties, operations: readonly Operation[]): void => {
    const { typeOptions: { loadOptionsMethod, resourceMapper } = {}, modes = [], options = [] } = property;
    const methods: ReadonlyArray<readonly [string | undefined, Kind]> = [
      [loadOptionsMethod, 'options'],
      [resourceMapper?.resourceMapperMethod, 'form'],
      ...modes.map(({ typeOptions }) => [typeOptions?.searchListMethod, 'list'] as const),
    ];
    for (const [method, kind] of methods) {
      const [operation] = operations;
      if (method !== undefined && operation !== undefined && !found.has(method))
        found.set(method, [method, kind, operation]);
    }
    for (const option of options) {
      if ('values' in option) for (const value of option.values) visit(value, operations);
      else if ('type' in option) visit(option, operations);
    }
  };
  for (const property of new Coriolis().description.properties) {
    const { resource = [], operation = [] } = property.displayOptions?.show ?? {};
    visit(
      property,
      catalogue.filter((one) => resource.includes(one.resource) && operation.includes(one.name)),
    );
  }
  return [...found.values()];
}

const resourceOf = (field: AnyField): string | undefined =>
  field.kind === 'reference' ? field.resource : field.kind === 'list' ? field.of?.resource : undefined;

/** The form of an operation, in which each reference and each machine has a value. */
function filledIn(
  { input }: Operation,
  valueOf: (name: string, resource: string) => unknown,
): INodeParameters {
  const given = Object.entries(input).flatMap(([name, field]) => {
    const resource = resourceOf(field);
    if (resource === undefined) return [];
    const value = valueOf(name, resource);
    return [[name, field.kind === 'list' ? value : { __rl: true, mode: 'id', value }] as const];
  });
  return Object.fromEntries(given) as INodeParameters;
}

/** Entries or fields that a method gives, and what it says instead. */
async function call(
  [method, kind, operation]: ReturnType<typeof calledMethods>[number],
  parameters: INodeParameters,
): Promise<{ readonly count: number; readonly words: string }> {
  const node = lab.coriolis(operationId(operation), parameters);
  if (kind === 'form') {
    const { fields, emptyFieldsNotice } = await lab.engine.mapperFields(node, method);
    return { count: fields.length, words: emptyFieldsNotice ?? '' };
  }
  if (kind === 'options') {
    const options = await lab.engine.loadOptions(node, method);
    return {
      count: options.filter(({ value }) => value !== '').length,
      words: options.flatMap(({ name, value }) => (value === '' ? [name] : [])).join(' '),
    };
  }
  try {
    const { results } = await lab.engine.listSearch(node, method);
    return { count: results.length, words: '' };
  } catch (error) {
    return { count: 0, words: error instanceof Error ? error.message : String(error) };
  }
}

const methods = calledMethods();

test('the description names lists, multiple choices and forms', () => {
  expect(new Set(methods.map(([, kind]) => kind))).toEqual(new Set(['list', 'options', 'form']));
  expect(methods.length).toBeGreaterThan(30);
});

/** Lists that may be empty in the sandbox, and hints, which are sentences. */
const MAY_BE_EMPTY = /^(?:foresee|searchReservation|searchService|searchMigration|loadMigration)/u;

test.each(methods)('%s loads with what the node before gave', async (...called) => {
  const [method, , operation] = called;
  // The editor has resolved the expressions.
  const { count, words } = await call(called, {
    platform: 'destination',
    ...filledIn(operation, (name, resource) =>
      operation.resource === 'minionPool' && name === 'endpointId'
        ? 'openstack'
        : (known[name] ?? known[resource] ?? ''),
    ),
  });

  expect([words, count > 0 || MAY_BE_EMPTY.test(method)]).toEqual([
    method.startsWith('foresee') ? expect.any(String) : expect.not.stringMatching(/\S/u),
    true,
  ]);
});

test.each(methods)('%s says what to do before the node before has run', async (...called) => {
  // The editor sends null for an expression without a value, or the expression.
  for (const value of [null, '={{ $json.id }}']) {
    const { count, words } = await call(
      called,
      filledIn(called[2], () => value),
    );

    if (count === 0 && !MAY_BE_EMPTY.test(called[0]))
      expect(words).toMatch(
        /^[A-Z][\w ]+ is an expression without a value yet\. Execute the nodes before this one, or choose the [\w ]+ from the list/u,
      );
  }
});
