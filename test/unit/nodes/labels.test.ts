import type { IExecuteFunctions } from 'n8n-workflow';
import { catalogue } from '../../../src/catalogue';
import { InvalidInputError } from '../../../src/api/errors';
import type { AnyField } from '../../../src/vocabulary/field';
import { operationId, type Operation } from '../../../src/operation';
import { readItemParameters } from '../../../nodes/read/read-item-parameters';
import { formPlaceOf } from '../../../nodes/render/form-layout';

/** Every parameter with a bad value gets an error that says its label, and never its key. */

/** Parameters of a node as n8n hands them out. */
const contextWith = (parameters: Readonly<Record<string, unknown>>): IExecuteFunctions =>
  ({
    getNodeParameter: (name: string, _item: number, fallback: unknown) => {
      const [group = '', key] = name.split('.');
      const value = parameters[group];
      const found = key === undefined ? value : (value as Record<string, unknown> | undefined)?.[key];
      return found ?? fallback;
    },
    getInputData: () => [],
  }) as unknown as IExecuteFunctions;

/** A value that no field of a kind accepts; undefined where every text is right. */
const badValues: { readonly [Kind in AnyField['kind']]: unknown } = {
  text: { not: 'a text' },
  number: 'soon',
  flag: 'maybe',
  choice: 'teleport',
  json: '{"a": 1,}',
  records: '[{"a" 1}]',
  list: { not: 'a list' },
  reference: { not: 'an id' },
  map: '{"a": 1,}',
  form: '{"a": 1,}',
};

const messageOf = (operation: Operation, parameters: Readonly<Record<string, unknown>>): string => {
  const { resource, name } = operation;
  try {
    readItemParameters(contextWith({ resource, operation: name, ...parameters }), 0);
  } catch (error) {
    if (error instanceof InvalidInputError) return `${error.message} ${error.advice ?? ''}`;
    throw new Error('not an error about the input', { cause: error });
  }
  return '';
};

const cases = catalogue.flatMap((operation) =>
  Object.entries(operation.input).map(
    ([name, field]) => [operationId(operation), name, operation, field] as const,
  ),
);

test.each(cases)('%s: %s', (_id, name, operation, field) => {
  const place = formPlaceOf(field, operation);
  const bad = badValues[field.kind];
  const message = messageOf(operation, place === 'form' ? { [name]: bad } : { [place]: { [name]: bad } });

  expect(message).toContain(field.title);
  // Keys of one word are words of the language too.
  const keys = Object.keys(operation.input).filter((key) => /[A-Z]/u.test(key));
  for (const key of keys) expect(message).not.toContain(key);
  if (['json', 'map', 'form', 'records'].includes(field.kind)) expect(message).toMatch(/line 1, column \d/u);
});

test('parameters that n8n adds', () => {
  const list = catalogue.find(({ kind }) => kind === 'list');
  expect(list && messageOf(list, { limit: 0 })).toMatch(/^Limit must be a whole number/u);
});
