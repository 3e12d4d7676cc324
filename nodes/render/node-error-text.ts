/** Functions that rewrite error messages for people: without the request, and with names instead of ids. */

const QUOTED_REQUEST = / \(((?:[\w-]+: )?[A-Z]{3,6} \/\S*, HTTP \d{3})\)/u;

/** Splits an error message into its sentence and the request it quotes: "GET /transfers/…, HTTP 404". */
export function splitErrorMessage(message: string): {
  readonly sentence: string;
  readonly request: string | undefined;
} {
  const [quoted = '', request] = QUOTED_REQUEST.exec(message) ?? [];
  return { sentence: message.replace(quoted, ''), request };
}

/**
 * Replaces ids by names: `Transfer with ID '5e2c…' is busy` becomes `Transfer "Web server" is busy`.
 * @param names names of objects by id
 */
export function replaceIdsByNames(text: string, names: ReadonlyMap<string, string>): string {
  let named = text;
  for (const [id, name] of names) {
    const written = id.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
    // A function gives the name, because in a text "$&" would be replaced.
    named = named.replaceAll(
      new RegExp(`(?:\\bwith )?(?:\\bid\\b[ :=]*)?(['"]?)${written}\\1`, 'giu'),
      () => `"${name}"`,
    );
  }
  return named;
}
