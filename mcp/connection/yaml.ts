import { isScalar, parseDocument, visit } from 'yaml';
import { InvalidInputError } from '../../src/api/errors';

/**
 * Parses YAML and keeps every scalar as its literal text: a password of digits and an id such as 351e44 are not
 * numbers. Null stays null. A separate module, because only users of a `clouds.yaml` need the parser.
 * @throws {InvalidInputError} it is no valid YAML; no line of it is quoted, since it may hold a password
 */
export function parseYaml(text: string, path: string): unknown {
  // Merge keys ("<<") belong to YAML 1.1, which OpenStack's own tools read.
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new InvalidInputError(`${path} is no valid YAML${line === undefined ? '' : ` (line ${line})`}.`);
  }
  visit(document, {
    Pair(_key, { value }) {
      if (isScalar(value) && value.value !== null && value.source !== undefined) value.value = value.source;
    },
    Seq(_key, { items }) {
      for (const item of items) {
        if (isScalar(item) && item.value !== null && item.source !== undefined) item.value = item.source;
      }
    },
  });
  return document.toJS();
}
