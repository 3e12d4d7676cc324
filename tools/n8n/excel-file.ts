import type { InstalledN8n } from './install-n8n';

/**
 * Makes an Excel file of one sheet, with the library that n8n reads such files with.
 *
 * @param rows the header, then the rows
 */
export function makeExcelFile(
  installed: Pick<InstalledN8n, 'require'>,
  sheet: string,
  rows: readonly (readonly unknown[])[],
): Buffer {
  const { utils, write } = installed.require('@e965/xlsx') as {
    utils: {
      aoa_to_sheet(rows: readonly (readonly unknown[])[]): unknown;
      book_new(): unknown;
      book_append_sheet(book: unknown, sheet: unknown, name: string): void;
    };
    readonly write: (
      book: unknown,
      options: { readonly type: 'buffer'; readonly bookType: 'xlsx' },
    ) => Buffer;
  };
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), sheet);
  return write(book, { type: 'buffer', bookType: 'xlsx' });
}
