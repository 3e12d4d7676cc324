import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Workflow, type INodeType, type INodeTypes } from 'n8n-workflow';
import { Coriolis } from '../../../nodes/Coriolis/Coriolis.node';
import { catalogue, resources } from '../../../src/catalogue';

/** How people come across the node: by n8n's search, on the canvas, and in its documentation. */

const root = resolve(__dirname, '../../..');
const words = ['replica', 'migration', 'cutover', 'vm', 'failover', 'sync'];
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

  expect(alias).toEqual(expect.arrayContaining(words));
});

test.each(words)('the search among the actions of the node finds "%s"', (word) => {
  expect(actions.filter((action) => new RegExp(String.raw`\b${word}s?\b`, 'iu').test(action))).not.toEqual(
    [],
  );
});

test('actions are whole sentences, each different', () => {
  expect(actions).toEqual(catalogue.map(({ summary }) => summary));
  expect(new Set(actions).size).toBe(actions.length);
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
