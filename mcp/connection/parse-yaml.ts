import { isScalar, parseDocument, visit } from 'yaml';
import { InvalidInputError } from '../../src/api/errors';

/**
 * Parses YAML and keeps every scalar as the text that is written, so that a password of digits or an id such as 351e44
 * does not become a number. Null stays null.
 * @throws {InvalidInputError} the text is no valid YAML; the error quotes no line, because a line may hold a password
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
