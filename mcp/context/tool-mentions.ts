import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

const MENTION = /<([a-zA-Z]+\.[a-zA-Z]+)>/gu;

/**
 * Replaces operations in a text, as `<transfer.get>`, by the names of their tools, and marks tools that are not
 * offered. An operation that another one supersedes gets the name of that tool when it is offered: only that is listed.
 */
export const insertToolNames = (text: string, offered: readonly Operation[]): string =>
  collapseRepeated(
    text.replace(MENTION, (_match, id: string) => {
      const operation = operationOf(id);
      if (operation === undefined) return id;
      const successor = operationOf(operation.related?.supersededBy?.operation);
      if (successor !== undefined && offered.includes(successor)) return successor.tool;
      return offered.includes(operation) ? operation.tool : `${operation.tool} (disabled here)`;
    }),
  );

/** Says a name once of which "a or a" would come. */
const collapseRepeated = (text: string): string => text.replaceAll(/\b([a-z_]+) (?:or|and) \1\b/gu, '$1');

const operationOf = (id: string | undefined): Operation | undefined =>
  catalogue.find((one) => operationId(one) === id);

/** Whether the client can call every operation that a text mentions: all of them are offered as tools. */
export const mentionsOnlyOfferedTools = (text: string, offered: readonly Operation[]): boolean =>
  [...text.matchAll(MENTION)].every(([, id]) => offered.some((one) => operationId(one) === id));
