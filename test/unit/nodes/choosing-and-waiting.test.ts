import { NodeHelpers, type INodeParameters } from 'n8n-workflow';
import { Coriolis } from '../../../nodes/Coriolis/Coriolis.node';
import { catalogue, resources } from '../../../src/catalogue';
import { operationId, timeoutInputOf } from '../../../src/operation';

/** What forms say to people who choose between resources, and to people who wait. */

const { description } = new Coriolis();

/** Notices in the form of an operation. */
function noticesOf(resource: string, operation: string, more: INodeParameters = {}): readonly string[] {
  const values = { resource, operation, ...more };
  return description.properties
    .filter(
      (property) =>
        property.type === 'notice' &&
        NodeHelpers.displayParameter(values, property, { typeVersion: 1 }, description, values),
    )
    .map(({ displayName }) => displayName);
}

test('no resource is named by the word of another', () => {
  const named = Object.entries(resources).map(([resource, { title }]) => ({
    resource,
    words: title
      .toLowerCase()
      .split(/[^a-z]+/u)
      .filter((word) => word !== ''),
  }));
  const confused = named.flatMap(({ resource, words }) =>
    named
      .filter((other) => other.resource !== resource && other.words.some((word) => words.includes(word)))
      .map((other) => `${resource}, ${other.resource}`),
  );
  expect(confused).toEqual([]);
});

test.each([
  ['deployment', resources.migration.title],
  ['migration', resources.deployment.title],
] as const)('the form of a new %s names the other resource, "%s"', (resource, title) => {
  expect(noticesOf(resource, 'create').join(' ')).toContain(`choose the resource ${title}`);
});

test('the form of everything that waits says where the progress is', () => {
  const progress = /web interface of Coriolis.*console/u;
  for (const operation of catalogue) {
    const { resource, name } = operation;
    const waits = operation.kind === 'single' && operation.completion !== undefined;
    const told = (more?: INodeParameters) =>
      noticesOf(resource, name, more).some((text) => progress.test(text));

    expect([operationId(operation), told()]).toEqual([
      operationId(operation),
      timeoutInputOf(operation) !== undefined,
    ]);
    expect([operationId(operation), waits && !told({ waitForCompletion: true })]).toEqual([
      operationId(operation),
      false,
    ]);
  }
});
