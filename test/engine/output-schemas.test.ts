import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadOutputSchema } from 'n8n-core/dist/nodes-loader/output-schema-resolver';
import { findWebPage } from '../../nodes/execute/web-link';
import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import { readableShapeOf } from '../../src/readable-results';
import { startLab, type Lab } from './lab';

/** n8n finds an output schema for each operation and for the trigger, and results have its keys. */

const nodes = join(__dirname, '..', '..', 'dist', 'nodes');
const schemaOf = (folder: string, resource?: string, operation?: string) =>
  loadOutputSchema({
    nodeDir: join(nodes, folder),
    version: 1,
    resource: resource ?? '',
    operation: operation ?? '',
  }) as { properties: Record<string, { type: string }> } | undefined;

test.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s',
  (_id, operation) => {
    const { resource, name, output, form } = operation;
    const schema = schemaOf('Coriolis', resource, name);
    const pages = Object.entries(output.shape).filter(([, { rendered }]) => rendered === 'text/html');
    const left = [...pages.map(([key]) => key), ...(form?.table === undefined ? [] : [form.table.output])];
    expect(Object.keys(schema?.properties ?? {})).toEqual([
      ...Object.keys(readableShapeOf(operation)).filter((key) => !left.includes(key)),
      ...(findWebPage(operation) === undefined ? [] : ['link']),
    ]);
  },
);

test('the trigger', () => {
  expect(existsSync(join(nodes, 'CoriolisTrigger', '__schema__', 'v1.0.0.json'))).toBe(true);
  expect(schemaOf('CoriolisTrigger')?.properties).toMatchObject({
    summary: { type: 'string' },
    failure: { type: 'object' },
  });
});

describe('results', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.stop());

  test.each(['transfer', 'endpoint', 'provider'])('of %s have the keys', async (resource) => {
    const [row] = await lab.rows(`${resource}.getAll`);
    const keys = Object.keys(schemaOf('Coriolis', resource, 'getAll')?.properties ?? {});
    for (const key of keys.filter((each) => each !== 'link')) expect(row).toHaveProperty([key]);
  });
});
