import type { INodeProperties } from 'n8n-workflow';
import { properties as triggerProperties } from '../../../nodes/CoriolisTrigger/properties';
import { placeOf } from '../../../nodes/shared/layout';
import { renderProperties } from '../../../nodes/shared/renderProperties';
import { helpText } from '../../../nodes/shared/wording';
import { catalogue } from '../../../src/catalogue';
import { operationId, worstEffect } from '../../../src/operation';

/**
 * The form of the nodes. Saved workflows depend on the names and values in the snapshot: when it changes, a name may be
 * added, but none may go or be renamed.
 */

const properties = renderProperties(catalogue);

/** Properties that show for an operation. */
const shownFor = (resource: string, operation: string): INodeProperties[] =>
  properties.filter(({ displayOptions }) => {
    const { resource: resources, operation: operations } = displayOptions?.show ?? {};
    return resources?.includes(resource) === true && operations?.includes(operation) === true;
  });

const nested = (shown: readonly INodeProperties[], name: string): INodeProperties[] =>
  (shown.find((property) => property.name === name)?.options ?? []) as INodeProperties[];

const text = (rendered: readonly INodeProperties[]) => JSON.stringify(rendered, null, 2);

test('the form of the Coriolis node', () => {
  expect(text(properties)).toMatchSnapshot();
});

test('the form of the trigger', () => {
  expect(text(triggerProperties)).toMatchSnapshot();
});

test.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s: every input has one parameter of its name, default and help',
  (_, operation) => {
    const shown = shownFor(operation.resource, operation.name);

    for (const [name, field] of Object.entries(operation.input)) {
      const place = placeOf(field, operation);
      const where = place === 'form' ? shown : nested(shown, place);
      const found = where.filter((property) => property.name === name);
      expect(found).toHaveLength(1);
      expect(found[0]?.required ?? false).toBe(field.required);
      expect(found[0]?.description).toContain(helpText(field.description).replace(/\.$/u, ''));
      if ('default' in field) expect(found[0]?.default).toBe(field.default);
    }
  },
);

test.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s: whoever can destroy something is told so',
  (_, operation) => {
    const notices = shownFor(operation.resource, operation.name).filter(({ type }) => type === 'notice');

    expect(notices.length > 0).toBe(worstEffect(operation) === 'destroy');
  },
);

test('required parameters come before optional ones', () => {
  for (const { resource, name } of catalogue) {
    const marks = shownFor(resource, name)
      .filter(({ type }) => type !== 'notice')
      .map(({ required }) => required === true);
    expect(marks).toEqual([...marks].sort((one, other) => Number(other) - Number(one)));
  }
});

test('a switch without a default stands in a collection, so that it can be left out', () => {
  for (const operation of catalogue) {
    for (const field of Object.values(operation.input)) {
      if (field.kind === 'flag' && field.default === undefined)
        expect(placeOf(field, operation)).not.toBe('form');
    }
  }
});
