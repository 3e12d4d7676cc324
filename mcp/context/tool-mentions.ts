import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

const MENTION = /<([a-zA-Z]+\.[a-zA-Z]+)>/gu;

/**
 * Replaces operations in a text, as `<transfer.get>`, by the names of their tools, and marks tools that are not
 * offered.
 */
export const insertToolNames = (text: string, offered: readonly Operation[]): string =>
  text.replace(MENTION, (_match, id: string) => {
    const operation = catalogue.find((one) => operationId(one) === id);
    if (operation === undefined) return id;
    return offered.includes(operation) ? operation.tool : `${operation.tool} (disabled here)`;
  });

/** Whether the client can call every operation that a text mentions: all of them are offered as tools. */
export const mentionsOnlyOfferedTools = (text: string, offered: readonly Operation[]): boolean =>
  [...text.matchAll(MENTION)].every(([, id]) => offered.some((one) => operationId(one) === id));
