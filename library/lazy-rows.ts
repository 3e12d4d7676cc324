/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** `after` of the next page; undefined on the last page. */
  readonly next: string | undefined;
}

/** Rows of a list, fetched lazily. Each iteration starts from the first row. */
export interface Rows<Row> extends AsyncIterable<Row> {
  /** Fetches all rows. For very long lists iterate instead, which keeps only one page in memory. */
  toArray(): Promise<Row[]>;
  /**
   * One page.
   * @param options.limit maximum number of rows, 1 or more
   * @param options.after `next` of the previous page
   */
  page(options: { readonly limit: number; readonly after?: string | undefined }): Promise<Page<Row>>;
}

/** A row with its position: a page that is requested with it as `after` begins with the next row. */
interface Positioned<Row> {
  readonly row: Row;
  readonly position: string;
}

/** A part of a list: its start and its maximum length. */
interface Part {
  readonly limit: number | undefined;
  readonly after?: string | undefined;
}

/** Makes lazy rows from a function that lists a part of them: rows are requested when the caller iterates. */
export function makeLazyRows<Row>(
  list: (part: Part) => AsyncIterable<Positioned<Row>>,
  limit?: number,
): Rows<Row> {
  async function* all(): AsyncGenerator<Row> {
    for await (const { row } of list({ limit })) yield row;
  }
  return {
    [Symbol.asyncIterator]: all,
    async toArray() {
      const rows: Row[] = [];
      for await (const row of all()) rows.push(row);
      return rows;
    },
    async page({ limit: size, after }) {
      const rows: Row[] = [];
      let last: string | undefined;
      // One row more than is returned tells whether there is another page.
      for await (const { row, position } of list({ limit: size + 1, after })) {
        if (rows.length === size) return { rows, next: last };
        rows.push(row);
        last = position;
      }
      return { rows, next: undefined };
    },
  };
}
