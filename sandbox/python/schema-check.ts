import Ajv from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject } from '../json-object';
import { pythonPrettyPrint, pythonRepr } from './value-texts';

const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, validateFormats: false });
const compiled = new WeakMap<JsonObject, ValidateFunction>();

/**
 * Checks a value against a JSON schema by the server's rules.
 * @returns what is wrong, in the words of the server's (Python) schema library, or `null`
 */
export function findSchemaProblem(schema: JsonObject, value: unknown): string | null {
  const validate = validatorOf(schema);
  if (validate(value)) return null;
  const errors = validate.errors ?? [];
  // Reports the problem nearest to the root, like the server's library.
  const error = errors.reduce<ErrorObject | null>(
    (best, one) => (best === null || depth(one) < depth(best) ? one : best),
    null,
  );
  if (!error) return null;
  const schemaPath = pointer(error.schemaPath.replace(/^#/, '')).slice(0, -1);
  const instancePath = pointer(error.instancePath);
  return [
    `Schema validation failed: ${message(error, errors)}`,
    '',
    `Failed validating ${pythonRepr(error.keyword)} in schema${brackets(schemaPath)}:`,
    indented(pythonPrettyPrint(at(schema, schemaPath))),
    '',
    `On instance${brackets(instancePath)}:`,
    indented(pythonPrettyPrint(error.data)),
  ].join('\n');
}

function validatorOf(schema: JsonObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  // The vendors' `$schema` values are names, not meta-schemas.
  const { $schema: _name, ...rest } = schema;
  const validate = ajv.compile(rest);
  compiled.set(schema, validate);
  return validate;
}

/**
 * Depth of an error. A branch of `oneOf` or `anyOf` counts as deeper than the keyword itself, which ajv reports later
 * at the same place.
 */
function depth(error: ErrorObject): number {
  const insideBranch = /\/(?:oneOf|anyOf)\/\d+\//.test(error.schemaPath) ? 100 : 0;
  return pointer(error.instancePath).length + insideBranch;
}

function message(error: ErrorObject, all: readonly ErrorObject[]): string {
  const value = pythonRepr(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'type': {
      const types = Array.isArray(error.schema) ? error.schema : [error.schema];
      return `${value} is not of type ${types.map(pythonRepr).join(', ')}`;
    }
    case 'enum':
      return `${value} is not one of ${pythonRepr(error.schema)}`;
    case 'required':
      return `${pythonRepr(params['missingProperty'])} is a required property`;
    case 'additionalProperties': {
      const extra = all
        .filter((one) => one.keyword === error.keyword && one.instancePath === error.instancePath)
        .map((one) => pythonRepr((one.params as Record<string, unknown>)['additionalProperty']));
      const verb = extra.length === 1 ? 'was' : 'were';
      return `Additional properties are not allowed (${extra.join(', ')} ${verb} unexpected)`;
    }
    case 'minimum':
      return `${value} is less than the minimum of ${pythonRepr(error.schema)}`;
    case 'maximum':
      return `${value} is greater than the maximum of ${pythonRepr(error.schema)}`;
    case 'oneOf':
    case 'anyOf':
      return `${value} is not valid under any of the given schemas`;
    case 'pattern':
      return `${value} does not match ${pythonRepr(error.schema)}`;
    default:
      return `${value} ${error.message ?? 'is not valid'}`;
  }
}

function pointer(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((place, key) => (place as Record<string, unknown> | undefined)?.[key], value);
}

function brackets(path: readonly string[]): string {
  return path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `[${pythonRepr(part)}]`)).join('');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
