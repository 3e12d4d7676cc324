import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import type { Operation } from '../../src/operation';

const MENTION = /<([a-zA-Z]+\.[a-zA-Z]+)>/gu;

/** The text with the tools of this server in place of the operations; one that is not offered is said to be so. */
export const withTools = (text: string, offered: readonly Operation[]): string =>
  text.replace(MENTION, (_match, id: string) => {
    const operation = catalogue.find((one) => operationId(one) === id);
    if (operation === undefined) return id;
    return offered.includes(operation) ? operation.tool : `${operation.tool} (switched off here)`;
  });

/** Whether all operations that a text mentions are offered. */
export const mentionsOnly = (text: string, offered: readonly Operation[]): boolean =>
  [...text.matchAll(MENTION)].every(([, id]) => offered.some((one) => operationId(one) === id));
