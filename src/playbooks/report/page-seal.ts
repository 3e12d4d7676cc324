import { sha256 } from '../../model/sha256';

/**
 * Seal of the page of a report: a last line with the hash of the report and the SHA-256 of everything before it. The
 * seal reveals changes of the page; it is not a signature.
 */
const SEAL = /^([^]*)<!-- report ([0-9a-f]{64}), page ([0-9a-f]{64}) -->\n$/u;

/** Appends the seal to the page of a report. */
export const sealPage = (page: string, reportHash: string): string =>
  `${page}<!-- report ${reportHash}, page ${sha256(page)} -->\n`;

/**
 * Finds the differences between a page and its seal, and between the seal and the report. Empty when all match.
 *
 * @param reportHash hash of the report; when undefined, only page and seal are compared
 */
export function findSealProblems(page: string, reportHash: unknown): readonly string[] {
  const [, content = '', report, hash] = SEAL.exec(page) ?? [];
  if (hash === undefined) return ['the page has no seal'];
  return [
    ...(sha256(content) === hash ? [] : ['the page is not what its seal says']),
    ...(reportHash === undefined || report === reportHash ? [] : ['the page is that of another report']),
  ];
}
