import { sha256 } from '../../model/sha256';

/**
 * Pattern of an HTML page with its seal: a last line with the hash of the report and the SHA-256 of everything before
 * that line. The seal reveals changes of the page. It is no signature: whoever changes the page can make a new seal.
 */
const SEAL = /^([^]*)<!-- report ([0-9a-f]{64}), page ([0-9a-f]{64}) -->\n$/u;

/** Appends the seal to the page of a report. */
export const sealPage = (page: string, reportHash: string): string =>
  `${page}<!-- report ${reportHash}, page ${sha256(page)} -->\n`;

/** Whether a text is a page with a seal. */
export const hasSeal = (text: string): boolean => SEAL.test(text);

/**
 * Finds the differences between a page and its seal, and between the seal and the report. Returns one sentence each;
 * empty when all match.
 *
 * @param reportHash hash of the report; when undefined, only page and seal are compared
 */
export function findSealProblems(page: string, reportHash: unknown): readonly string[] {
  const [, content = '', report = '', hash] = SEAL.exec(page) ?? [];
  if (hash === undefined) return ['the page has no seal'];
  return [
    // The hash of the report stands in the seal, which the hash of the page does not cover, and in the page.
    ...(content.includes(report) ? [] : ['the report of the seal is not that of the page']),
    ...(sha256(content) === hash ? [] : ['the page is not what its seal says']),
    ...(reportHash === undefined || report === reportHash ? [] : ['the page is that of another report']),
  ];
}
