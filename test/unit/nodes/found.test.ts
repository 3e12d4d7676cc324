import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Workflow, type INodeType, type INodeTypes } from 'n8n-workflow';
import { Coriolis } from '../../../nodes/Coriolis/Coriolis.node';
import { catalogue, resources } from '../../../src/catalogue';
import { searchWords } from '../../support/search-words';

/** How people come across the node: by n8n's search, on the canvas, and in its documentation. */

const root = resolve(__dirname, '../../..');
const actionWords = [
  'transfer',
  'execution',
  'deploy',
  'migration',
  'cutover',
  'failover',
  'wave',
  'drill',
  'rpo',
];
const { properties, subtitle } = new Coriolis().description;
const operations = properties.filter(({ name }) => name === 'operation');
const actions = operations.flatMap(({ options = [] }) =>
  options.flatMap((option) => ('action' in option ? [option.action] : [])),
);

test.each(['Coriolis', 'CoriolisTrigger'])("n8n's panel finds %s by the words of the field", (name) => {
  // The search knows the title of a node and its aliases, nothing else.
  const { alias } = JSON.parse(readFileSync(resolve(root, `nodes/${name}/${name}.node.json`), 'utf8')) as {
    alias: string[];
  };

  expect(alias).toEqual(expect.arrayContaining([...searchWords]));
});

test.each(actionWords)('the search among the actions of the node finds "%s"', (word) => {
  expect(actions.filter((action) => new RegExp(String.raw`\b${word}s?\b`, 'iu').test(action))).not.toEqual(
    [],
  );
});

test('actions are short, in the words of n8n, and each different', () => {
  expect(new Set(actions).size).toBe(catalogue.length);
  for (const action of actions) {
    expect(action).toMatch(/^[A-Z][a-z]+ [A-Za-z ]+$/u);
    // n8n names a tool after its action: "Get many transfers in Coriolis", and models take at most 64 characters.
    expect(`${action} in Coriolis`.length).toBeLessThanOrEqual(64);
  }
});

test.each([
  ['transfer.getAll', 'Get many transfers'],
  ['execution.start', 'Start an execution'],
  ['execution.wait', 'Wait for an execution'],
  ['deployment.create', 'Deploy a transfer'],
  ['endpoint.getNetworks', 'Get the networks of an endpoint'],
  ['minionPool.deallocate', 'Deallocate a minion pool'],
])('%s is "%s", and its sentence is the description', (id, action) => {
  const operation = catalogue.find((one) => `${one.resource}.${one.name}` === id);
  const option = operations
    .flatMap(({ displayOptions, options = [] }) =>
      String(displayOptions?.show?.['resource']) === operation?.resource ? options : [],
    )
    .find((one) => 'value' in one && one.value === operation?.name);

  expect(option).toMatchObject({ action, description: expect.stringContaining(operation?.summary ?? '?') });
});

test('resources stand in the order of the job', () => {
  const [{ options = [] } = {}] = properties.filter(({ name }) => name === 'resource');
  expect(options.map((option) => ('value' in option ? option.value : '')).slice(0, 11)).toEqual([
    'transfer',
    'execution',
    'deployment',
    'migration',
    'wave',
    'drill',
    'endpoint',
    'instance',
    'schedule',
    'estate',
    'report',
  ]);
});

test('every resource links to its chapter of the reference', () => {
  const headings = readFileSync(resolve(root, 'docs/operations.md'), 'utf8').match(/^## .*$/gmu) ?? [];
  const anchors = headings.map((heading) =>
    heading.slice(3).toLowerCase().replaceAll(/[()]/gu, '').replaceAll(' ', '-'),
  );

  expect(operations).toHaveLength(Object.keys(resources).length);
  for (const { hint } of operations) {
    expect(anchors).toContain(/docs\/operations\.md#([a-z-]+)"/u.exec(hint ?? '')?.[1]);
  }
});

test.each([
  ['transfer', 'getAll', 'Get Many: Transfer'],
  ['minionPool', 'deallocate', 'Deallocate: Minion Pool'],
  ['endpoint', 'getDestinationMinionPoolOptions', 'Get Destination Minion Pool Options: Endpoint'],
])('the canvas says in words what %s.%s is', (resource, operation, shownWords) => {
  const type: INodeType = new Coriolis();
  const types: INodeTypes = {
    getByName: () => type,
    getByNameAndVersion: () => type,
    getKnownTypes: () => ({}),
  };
  const node = {
    id: 'Coriolis',
    name: 'Coriolis',
    type: 'n8n-nodes-coriolis.coriolis',
    typeVersion: 1,
    position: [0, 0] as [number, number],
    parameters: { resource, operation },
  };
  const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes: types });

  const shown = workflow.expression.getSimpleParameterValue(node, subtitle, 'internal', {});

  expect(shown).toBe(shownWords);
});
