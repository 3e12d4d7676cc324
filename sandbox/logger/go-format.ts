/**
 * Formats a text as Go's `Printf` does without arguments. coriolis-logger passes the JSON of its list of logs as the
 * format string, so a `%` in a name is taken for a verb (recorded: `odd%20name` reads `odd%!n(MISSING)ame`).
 */
export function formatLikeGo(text: string): string {
  return text.replaceAll(/%[-+# 0]*\d*(?:\.\d*)?(.)?/gsu, (_whole, verb: string | undefined) => {
    if (verb === undefined) return '%!(NOVERB)';
    return verb === '%' ? '%' : `%!${verb}(MISSING)`;
  });
}
