import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeHelpers, type INode, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';
import { catalogue } from '../../src/catalogue';
import { createEngine, type Engine } from '../support/engine';
import { n8nDescription } from '../support/n8n-nodes';
import { isNote } from '../templates/canvas';
import { readTemplate, templateFolder } from '../templates/stage';

/** What holds for every workflow that is shipped, whatever it does. */

const OURS = 'n8n-nodes-coriolis.';
/** Nodes of n8n's package for language models, which is too heavy to be installed here, and versions that it has. */
const FOR_MODELS: Readonly<Record<string, number>> = {
  '@n8n/n8n-nodes-langchain.agent': 2.2,
  '@n8n/n8n-nodes-langchain.lmChatOpenAi': 1.2,
};
/** Parameters that n8n adds to every polling trigger. */
const POLLING = ['pollTimes'];
const COLORS = { red: 3 };

const TRIGGER = `${OURS}coriolisTrigger`;
const MANUAL = 'n8n-nodes-base.manualTrigger';
/** Triggers from which n8n's own MCP server starts published workflows. */
const FOR_MCP = [
  'n8n-nodes-base.scheduleTrigger',
  'n8n-nodes-base.formTrigger',
  'n8n-nodes-base.webhook',
  '@n8n/n8n-nodes-langchain.chatTrigger',
];
/** Deploys without asking anybody: the click of a person is its approval. */
const BY_HAND = ['migrate-a-vm'];

const names = readdirSync(templateFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/u, ''));

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ packageDir: join(__dirname, '../..') });
});

const describedBy = ({ type, typeVersion }: INode): INodeTypeDescription | undefined =>
  type.startsWith(OURS)
    ? engine.nodeTypes.getByNameAndVersion(type).description
    : n8nDescription(type, typeVersion);

/** The parameters that the form of a node shows with these values. */
function shownIn(description: INodeTypeDescription, node: INode): readonly INodeProperties[] {
  const { properties } = description;
  // What a saved workflow leaves out has its default.
  const values = NodeHelpers.getNodeParameters(properties, node.parameters, true, false, node, description);
  return properties.filter((property) =>
    NodeHelpers.displayParameter(values ?? {}, property, node, description),
  );
}

/** Every text in a value, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) yield* textsIn(part);
  }
}

test('these are shipped', () => {
  expect(names).toEqual([
    'alert-on-finished-executions',
    'cutover-weekend',
    'dr-failover-drill',
    'failure-triage-agent',
    'inventory-to-spreadsheet',
    'migrate-a-vm',
    'nightly-replica-sync',
    'park-and-resume',
    'wave-migration',
    'waves-from-a-spreadsheet',
  ]);
});

describe.each(names)('%s', (name) => {
  const template = readTemplate(name);
  const nodes = template.nodes;
  const nodeNames = nodes.map((node) => node.name);
  const working = nodes.filter((node) => !isNote(node));
  const notes = nodes.filter(isNote);
  const links = Object.entries(template.connections).flatMap(([from, kinds]) =>
    Object.values(kinds)
      .flat(2)
      .flatMap((link) => (link ? [{ from, to: link.node }] : [])),
  );

  test('has one name on the canvas, in its file and in the docs', () => {
    expect(template.name.toLowerCase().replaceAll(' ', '-')).toBe(name);
    const page = readFileSync(join(__dirname, '../../docs/templates.md'), 'utf8');
    expect(page).toContain(`| [${template.name}](../templates/${name}.json) `);
    expect(page).toContain(`<img alt="${template.name} on the canvas" src="./images/template-${name}.png">`);
  });

  test('holds no credential and no address of anybody', () => {
    expect(nodes.filter((node) => 'credentials' in node)).toEqual([]);
    // A pinned example has a link.
    const text = JSON.stringify(template).replaceAll('https://coriolis.example.com/', '');
    expect(text).not.toMatch(/https?:|password|token|secret/iu);
    const addresses = [...text.matchAll(/[\w.]+@([\w.]+)/gu)].map(([, host]) => host);
    expect(addresses.filter((host) => host !== 'example.com')).toEqual([]);
  });

  test('has nodes with names and ids of their own, all of them connected', () => {
    expect(new Set(nodeNames).size).toBe(nodes.length);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    const linked = links.flatMap(({ from, to }) => [from, to]);
    expect(nodeNames).toEqual(expect.arrayContaining(linked));
    expect(linked).toEqual(expect.arrayContaining(working.map((node) => node.name)));
  });

  test('uses nodes and versions that n8n has', () => {
    const unknown = working.filter(
      (node) => FOR_MODELS[node.type] !== node.typeVersion && describedBy(node) === undefined,
    );
    expect(unknown.map(({ type, typeVersion }) => `${type} ${typeVersion}`)).toEqual([]);
    expect(working.some(({ type }) => type.startsWith(OURS))).toBe(true);
  });

  test.each(working.filter(({ type }) => !(type in FOR_MODELS)).map((node) => [node.name, node] as const))(
    '“%s” is filled in as its form wants it',
    (_name, node) => {
      const description = describedBy(node);
      const shown = description === undefined ? [] : shownIn(description, node);
      const accepted = shown.map((property) => property.name);
      expect([...accepted, ...POLLING]).toEqual(expect.arrayContaining(Object.keys(node.parameters)));
      const empty = shown.filter(
        ({ name: parameter, required, default: preset }) =>
          required === true && preset === '' && (node.parameters[parameter] ?? '') === '',
      );
      expect(empty.map(({ name: parameter }) => parameter)).toEqual([]);
      for (const property of shown) {
        const value = node.parameters[property.name] ?? property.default;
        // A red mark on the canvas: n8n wants JSON there.
        if (property.type === 'json') expect(value).not.toBe('');
        if (property.type !== 'options' || property.options === undefined) continue;
        const values = property.options.map((option) => ('value' in option ? option.value : undefined));
        if (!String(value).startsWith('=')) expect(values).toContain(value);
      }
    },
  );

  test('chooses nothing in collections that they do not offer', () => {
    const wrong = working.flatMap((node) => {
      const description = describedBy(node);
      return (description === undefined ? [] : shownIn(description, node))
        .filter(({ type }) => type === 'collection')
        .flatMap(({ name: collection, options = [] }) =>
          Object.keys((node.parameters[collection] ?? {}) as object)
            .filter((key) => !options.some((option) => option.name === key))
            .map((key) => `${node.name}: ${collection}.${key}`),
        );
    });
    expect(wrong).toEqual([]);
  });

  test('refers in its expressions to nodes that come before', () => {
    const before = (node: string, seen = new Set<string>()): Set<string> => {
      for (const { from, to } of links) {
        if (to !== node || seen.has(from)) continue;
        seen.add(from);
        before(from, seen);
      }
      return seen;
    };
    const wrong = working.flatMap((node) => {
      const known = before(node.name);
      return [...textsIn(node.parameters)]
        .flatMap((text) => [...text.matchAll(/\$\('([^']+)'\)/gu)].map(([, named = '']) => named))
        .filter((named) => !known.has(named))
        .map((named) => `${node.name} refers to ${named}`);
    });
    expect(wrong).toEqual([]);
  });

  test("begins with what n8n's MCP server can start, or with an event of Coriolis", () => {
    const fromNowhere = working.filter(
      ({ name: node, type }) => /trigger$|webhook$/iu.test(type) && !links.some(({ to }) => to === node),
    );
    const types = fromNowhere.map(({ type }) => type);
    const known = BY_HAND.includes(name) ? [MANUAL] : [...FOR_MCP, TRIGGER];
    expect(types.length).toBeGreaterThan(0);
    expect(types.filter((type) => !known.includes(type))).toEqual([]);
  });

  test('explains itself in notes, and says what to set up', () => {
    const texts = notes.map(({ parameters }) => parameters['content']);
    expect(texts.length).toBeGreaterThanOrEqual(3);
    expect(String(texts[0]).split('\n')[0]).toBe(`## ${template.name}`);
    // A red note looks like an alarm.
    expect(notes.filter(({ parameters }) => parameters['color'] === COLORS.red)).toEqual([]);
    expect(texts.join('\n')).toMatch(/### (?:Set up|Before the first run)/u);
    expect(texts.join('\n')).toContain('Coriolis Keystone API');
  });

  test('gives a language model nothing but operations that read', () => {
    const tools = working.filter(({ type }) => type === `${OURS}coriolisTool`);
    const effects = tools.map(
      ({ parameters: { resource, operation } }) =>
        catalogue.find((each) => each.resource === resource && each.name === operation)?.effect,
    );
    expect(effects.filter((effect) => effect !== 'read')).toEqual([]);
  });
});
