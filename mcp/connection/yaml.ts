import { parse, YAMLParseError } from 'yaml';
import { InvalidInputError } from '../../src/api/errors';

/**
 * What a YAML document holds. A module of its own, because only who has a `clouds.yaml` needs the parser.
 * @throws {InvalidInputError} it is no valid YAML; no line of it is quoted, since it may hold a password
 */
export function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new InvalidInputError(`${path} is no valid YAML${line === undefined ? '' : ` (line ${line})`}.`);
  }
}
