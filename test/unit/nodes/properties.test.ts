import { NodeHelpers, type INodeParameters, type INodeProperties } from 'n8n-workflow';
import { triggerProperties as triggerProperties } from '../../../nodes/CoriolisTrigger/trigger-properties';
import {
  editorParameterNameOf,
  hasEditor,
  formPlaceOf,
  specifyParameterNameOf,
} from '../../../nodes/render/form-layout';
import { renderProperties } from '../../../nodes/render/render-properties';
import { formatHelpText } from '../../../nodes/render/ui-texts';
import { catalogue } from '../../../src/catalogue';
import { effectOfField, operationId } from '../../../src/operation';
import { readInput } from '../../../src/vocabulary/read-input';

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
      const place = formPlaceOf(field, operation);
      const where = place === 'form' ? shown : nested(shown, place);
      const found = where.filter((property) => property.name === name && property.type !== 'hidden');
      expect(found).toHaveLength(1);
      // What can be given in two ways is required as a whole, which only the core can say.
      expect(found[0]?.required ?? false).toBe(field.required && !hasEditor(field, place));
      const asked = field.description.replace(/^Seconds /u, 'Time ');
      expect(found[0]?.description).toContain(formatHelpText(asked).replace(/\.$/u, ''));
      if ('default' in field && field.default !== undefined) {
        expect(readInput({ it: field }, { it: found[0]?.default })).toEqual({ it: field.default });
      }
    }
  },
);

test.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s: whoever can destroy something is told so',
  (_, operation) => {
    const destructive = Object.entries(operation.input)
      .filter(([, field]) => effectOfField(field) === 'destroy')
      .map(([name]) => `${name}Notice`);
    const shown = shownFor(operation.resource, operation.name).filter(({ type }) => type === 'notice');

    expect(shown.some(({ name }) => name === 'destroyNotice')).toBe(operation.effect === 'destroy');
    for (const name of destructive) {
      const notice = shown.find((candidate) => candidate.name === name);
      // Only once the switch is on: a form of warnings is not read.
      expect(Object.values(notice?.displayOptions?.show ?? {})).toContainEqual([true]);
    }
  },
);

/** What decides over showing a parameter and is neither beside it, nor named from the root, nor about the node's version. */
function unresolvable(level: readonly INodeProperties[], at = ''): string[] {
  const names = level.map(({ name }) => name);
  return level.flatMap((property) => {
    const { show = {}, hide = {} } = property.displayOptions ?? {};
    const nestedLevels = (property.options ?? []).flatMap((option): INodeProperties[][] =>
      'values' in option ? [option.values] : 'displayName' in option && 'type' in option ? [[option]] : [],
    );
    const siblings = property.type === 'collection' ? [nestedLevels.flat()] : nestedLevels;
    return [
      ...[...Object.keys(show), ...Object.keys(hide)]
        .filter((path) => !/^[/@]/u.test(path) && !names.includes(path))
        .map((path) => `${at}${property.name}: ${path}`),
      ...siblings.flatMap((inner) => unresolvable(inner, `${at}${property.name}.`)),
    ];
  });
}

test.each([
  ['Coriolis node', properties],
  ['trigger', triggerProperties],
])('every n8n can tell which parameters of the %s to show, the oldest one too', (_node, all) => {
  expect(unresolvable(all)).toEqual([]);
});

describe('rows', () => {
  const saved = (given: INodeParameters) =>
    NodeHelpers.getNodeParameters(
      properties,
      { resource: 'transfer', operation: 'create', ...given },
      false,
      false,
      null,
      null,
    );
  test.each(
    catalogue.flatMap((operation) => {
      const group = shownFor(operation.resource, operation.name).find(({ name }) => name === 'moreRows');
      return (group?.options ?? []).map((rows) => [operationId(operation), rows.name] as const);
    }),
  )('of %s: a row of %s that was added and is empty is still there after saving', (id, field) => {
    const [resource = '', operation = ''] = id.split('.');
    const given = { resource, operation, moreRows: { [field]: [{}] } };

    expect(saved(given)).toMatchObject({ moreRows: { [field]: [{}] } });
  });

  test('of workflows saved earlier stay where they are, and a notice tells of them', () => {
    const row = { source: 'ds-1', destination: { __rl: true, mode: 'name', value: 'ceph' } };
    const options = { storageMappingsRows: { rows: [row] } };
    const notice = shownFor('transfer', 'create').find(({ name }) => name === 'storageMappingsRowsNotice');
    const isShown = (given: INodeParameters) =>
      notice !== undefined &&
      NodeHelpers.displayParameter(
        { resource: 'transfer', operation: 'create', ...given },
        notice,
        null,
        null,
      );

    expect(saved({ options })).toMatchObject({ options });
    expect(isShown({ options })).toBe(true);
    expect(isShown({ options: {} })).toBe(false);
  });
});

describe('fields with an editor beside their text', () => {
  const create = { resource: 'transfer', operation: 'create' };
  const shownWith = (given: INodeParameters): string[] =>
    shownFor('transfer', 'create')
      .filter((property) =>
        NodeHelpers.displayParameter(
          { ...create, specifyDestinationEnvironment: 'form', ...given },
          property,
          null,
          null,
        ),
      )
      .filter(({ type, name }) => type !== 'hidden' && /destinationEnvironment/iu.test(name))
      .map(({ name }) => name);

  test('begins with the form', () => {
    const choice = shownFor('transfer', 'create').find(
      ({ name }) => name === specifyParameterNameOf('destinationEnvironment'),
    );

    expect(choice?.default).toBe('form');
    expect(shownWith({ destinationEnvironment: '{}' })).toEqual([
      'specifyDestinationEnvironment',
      'destinationEnvironmentForm',
    ]);
  });

  test('shows the text when it is chosen', () => {
    expect(shownWith({ specifyDestinationEnvironment: 'json' })).toEqual([
      'specifyDestinationEnvironment',
      'destinationEnvironment',
    ]);
  });

  test.each(['{"migr_network": "private"}', '={{ $json.environment }}'])(
    'says that the text counts when there is one: %s',
    (destinationEnvironment) => {
      expect(shownWith({ destinationEnvironment })).toEqual([
        'specifyDestinationEnvironment',
        'destinationEnvironmentNotice',
      ]);
    },
  );

  test('each has a list for both sides, or a form by a schema', () => {
    for (const operation of catalogue) {
      for (const [name, field] of Object.entries(operation.input)) {
        const place = formPlaceOf(field, operation);
        if (!hasEditor(field, place)) continue;
        const shown = shownFor(operation.resource, operation.name);
        if (place !== 'form') {
          expect(nested(shown, 'moreRows').map((rows) => rows.name)).toContain(name);
          continue;
        }
        const editor = shown.find((property) => property.name === editorParameterNameOf(name, field));
        expect(editor?.type).toBe(field.kind === 'form' ? 'resourceMapper' : 'fixedCollection');
      }
    }
  });
});

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
        expect(formPlaceOf(field, operation)).not.toBe('form');
    }
  }
});
