/** One exchange with a real server. Ids of the set-up are written as `{transfer}`, `{pool}` and so on: see {@link ThingIds}. */
export interface Exchange {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body; null when the request has none. */
  readonly body: string | null;
  readonly status: number;
  readonly contentType: string | null;
  /** The JSON value of the answer, or its text. */
  readonly answer: unknown;
}

/** The things that every exchange finds: what `{name}` in an exchange stands for. */
export interface ThingIds {
  readonly project: string;
  readonly source: string;
  readonly destination: string;
  readonly transfer: string;
  readonly execution: string;
  readonly deployment: string;
  readonly region: string;
  readonly pool: string;
  readonly schedule: string;
  readonly service: string;
}

/** Replaces `{name}` by the id of the thing, `{NAME}` by the id in upper case. */
export function withIds(text: string, ids: ThingIds): string {
  return Object.entries(ids).reduce(
    (result, [name, id]) =>
      result
        .replaceAll(`{${name}}`, String(id))
        .replaceAll(`{${name.toUpperCase()}}`, String(id).toUpperCase()),
    text,
  );
}

/** Replaces the ids of things by `{name}`, also in upper case. */
export function withNames(text: string, ids: ThingIds): string {
  return Object.entries(ids).reduce(
    (result, [name, id]) =>
      result
        .replaceAll(String(id), `{${name}}`)
        .replaceAll(String(id).toUpperCase(), `{${name.toUpperCase()}}`),
    text,
  );
}
