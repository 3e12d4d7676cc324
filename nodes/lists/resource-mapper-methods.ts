import type { ILoadOptionsFunctions, ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';
import { catalogue } from '../../src/catalogue';
import type { Fields, FormField } from '../../src/vocabulary/field';
import { fetchSchemaForm } from '../../src/form/fetch-schema-form';
import { withoutUndefined, isObject } from '../../src/model/json';
import type { SchemaField } from '../../src/model/form-from-schema';
import { hasFormHint } from '../../src/operation';
import {
  createFormOperationContext,
  resolveFormInputs,
  readFormParameter,
  isUnresolvedExpression,
  joinMessageAndAdvice,
  formatUnresolvedExpressionAdvice,
} from '../read/form-in-editor';
import {
  editorParameterNameOf,
  formHintMethodNameOf,
  hasEditor,
  mapperMethodNameOf,
  formPlaceOf,
} from '../render/form-layout';
import { readFormValue, mapperTypeByFieldType } from '../read/parameter-value';
import { removeBracketsFromTitle, toTitleCase } from '../render/ui-texts';

/** A field that is filled in as a form, with the inputs that determine its schema. */
interface MappedField {
  readonly name: string;
  readonly field: FormField;
  /** Inputs that determine the schema. */
  readonly parents: Fields;
}

/**
 * Index of the fields that are filled in as forms; the key is the name of the method that makes the form. Fields with
 * the same kind of schema and the same parent field share a method.
 */
function findMappedFields(): ReadonlyMap<string, MappedField> {
  const found = new Map<string, MappedField>();
  for (const operation of catalogue) {
    for (const [name, field] of Object.entries(operation.input)) {
      if (field.kind !== 'form' || !hasEditor(field, formPlaceOf(field, operation))) continue;
      const parents = Object.fromEntries(
        [field.within, 'platform'].flatMap((parent) => {
          const input = operation.input[parent];
          return input === undefined ? [] : [[parent, input]];
        }),
      );
      found.set(mapperMethodNameOf(field), { name, field, parents });
    }
  }
  return found;
}

type Method = (this: ILoadOptionsFunctions) => Promise<ResourceMapperFields>;

/** Methods of n8n's resource mapper, by name: forms from providers' schemas, and form hints. */
export const resourceMappingMethods: Readonly<Record<string, Method>> = {
  ...Object.fromEntries(
    [...findMappedFields()].map(([method, target]): [string, Method] => [
      method,
      async function () {
        return await fieldsFor(this, target);
      },
    ]),
  ),
  ...Object.fromEntries(
    catalogue.filter(hasFormHint).map((operation): [string, Method] => [
      formHintMethodNameOf(operation),
      async function () {
        const { inputs, text } = operation.form.hint;
        const unresolved = inputs.find((name) => isUnresolvedExpression(this, name));
        if (unresolved !== undefined)
          return notice(
            `${formatUnresolvedExpressionAdvice(operation.input[unresolved]?.title ?? unresolved)} to see the next runs.`,
          );
        const given = Object.fromEntries(inputs.map((name) => [name, readFormParameter(this, name)]));
        return notice(text(given, Date.now()));
      },
    ]),
  ),
};

/** Makes the fields of a form. n8n does not show the errors of these methods, so an error is returned as a notice. */
async function fieldsFor(
  context: ILoadOptionsFunctions,
  { name, field, parents }: MappedField,
): Promise<ResourceMapperFields> {
  try {
    const coriolis = createFormOperationContext(context);
    const inputs = await resolveFormInputs(context, coriolis, parents);
    if (inputs[field.within] === undefined) {
      const parent = removeBracketsFromTitle(parents[field.within]?.title ?? field.within);
      return notice(
        isUnresolvedExpression(context, field.within)
          ? `${formatUnresolvedExpressionAdvice(parent)} to fill in the form; JSON works at once.`
          : `Choose the ${parent.toLowerCase()} first: it decides which options there are.`,
      );
    }
    const { fields, notice: why } = await fetchSchemaForm(
      coriolis,
      field,
      inputs,
      filledIn(context, name, field),
    );
    return fields.length === 0 && why !== undefined ? notice(why) : { fields: fields.map(mapperField) };
  } catch (error) {
    return notice(`The options could not be read: ${joinMessageAndAdvice(error)} JSON works without them.`);
  }
}

/** Reads the values filled in so far. Expressions are left out, because they have no values yet. */
function filledIn(context: ILoadOptionsFunctions, name: string, field: FormField) {
  const parameter = readFormParameter(context, editorParameterNameOf(name, field));
  if (!isObject(parameter) || !isObject(parameter['value'])) return {};
  const values = Object.entries(parameter['value']).filter(
    ([, value]) => !(typeof value === 'string' && value.startsWith('=')),
  );
  return readFormValue({ ...parameter, value: Object.fromEntries(values) });
}

const notice = (text: string): ResourceMapperFields => ({ fields: [], emptyFieldsNotice: escaped(text) });

/** Escapes HTML, because n8n shows a notice as HTML, and the notice may quote a server. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);

function mapperField({
  id,
  title,
  type,
  required,
  secret,
  choices,
  default: standard,
}: SchemaField): ResourceMapperField {
  return {
    id,
    displayName: `${toTitleCase(title)}${secret ? ' (Secret)' : ''}`,
    type: mapperTypeByFieldType[type],
    required,
    display: true,
    removed: !required,
    defaultMatch: false,
    canBeUsedToMatch: false,
    ...withoutUndefined({ defaultValue: standard }),
    ...(choices === undefined ? {} : { options: choices.map(({ value, title: name }) => ({ name, value })) }),
  };
}
