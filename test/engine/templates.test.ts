import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeHelpers, type INode, type INodeProperties, type INodeType } from 'n8n-workflow';
import { createEngine, type Engine } from '../support/engine';

const root = join(__dirname, '..', '..');
const folder = join(root, 'templates');
const OURS = 'n8n-nodes-coriolis.';
/** Nodes of n8n itself that the templates may use. */
const CORE = ['filter', 'if', 'manualTrigger', 'noOp', 'set', 'stickyNote', 'stopAndError'];
/** Parameters that n8n adds to every polling trigger. */
const POLLING = ['pollTimes'];

interface Template {
  readonly name: string;
  readonly nodes: readonly INode[];
  readonly connections: Readonly<Record<string, { main: ReadonlyArray<ReadonlyArray<{ node: string }>> }>>;
}

const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): Template => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Template;

/** The parameters that the form of a node shows with these values. */
const shownIn = (type: INodeType, node: INode): readonly INodeProperties[] =>
  type.description.properties.filter((property) =>
    NodeHelpers.displayParameter(node.parameters, property, node, type.description),
  );

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ packageDir: root });
});

test('there are templates', () => {
  expect(names).toEqual(['alert-on-finished-executions.json', 'migrate-a-vm.json']);
});

describe.each(names)('%s', (name) => {
  const template = read(name);
  const nodeNames = template.nodes.map((node) => node.name);
  const ours = template.nodes.filter(({ type }) => type.startsWith(OURS));

  test('holds no credential and no address of anybody', () => {
    expect(template.nodes.filter((node) => 'credentials' in node)).toEqual([]);
    expect(JSON.stringify(template)).not.toMatch(/https?:|password|token|secret/i);
  });

  test('connects nodes that exist, and leaves none alone', () => {
    const sources = Object.keys(template.connections);
    const targets = Object.values(template.connections).flatMap(({ main }) =>
      main.flat().map(({ node }) => node),
    );
    expect(nodeNames).toEqual(expect.arrayContaining([...sources, ...targets]));
    expect(new Set(nodeNames).size).toBe(nodeNames.length);
    const alone = template.nodes.filter(
      (node) =>
        !node.type.endsWith('.stickyNote') && !sources.includes(node.name) && !targets.includes(node.name),
    );
    expect(alone).toEqual([]);
  });

  test('uses nodes of this package and a few of n8n', () => {
    const known = [...engine.loaded.nodes.keys(), ...CORE.map((type) => `n8n-nodes-base.${type}`)];
    expect(known).toEqual(expect.arrayContaining(template.nodes.map(({ type }) => type)));
    expect(ours.length).toBeGreaterThan(0);
  });

  test.each(ours.map((node) => [node.name, node] as const))(
    '“%s” sets only parameters that its form shows',
    (_name, node) => {
      const type = engine.nodeTypes.getByNameAndVersion(node.type);
      const shown = shownIn(type, node);
      const accepted = [
        ...shown.map((property) => property.name),
        ...(type.description.polling ? POLLING : []),
      ];
      expect(accepted).toEqual(expect.arrayContaining(Object.keys(node.parameters)));
      for (const property of shown.filter(({ type: kind }) => kind === 'options')) {
        const values = (property.options ?? []).map((option) =>
          'value' in option ? option.value : undefined,
        );
        expect(values).toContain(node.parameters[property.name] ?? property.default);
      }
    },
  );

  test.each(ours.map((node) => [node.name, node] as const))(
    '“%s” gives what its form requires, or leaves a choice',
    (_name, node) => {
      const type = engine.nodeTypes.getByNameAndVersion(node.type);
      const required = shownIn(type, node).filter((property) => property.required === true);
      expect(Object.keys(node.parameters)).toEqual(
        expect.arrayContaining(required.map((property) => property.name)),
      );
    },
  );

  test('refers to nodes that exist', () => {
    const referred = [...JSON.stringify(template).matchAll(/\$\('([^']+)'\)/g)].map(([, node]) => node);
    expect(nodeNames).toEqual(expect.arrayContaining(referred));
  });
});
