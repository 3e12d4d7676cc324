/**
 * Applies Go's formatting to a text without values, because the server uses the JSON of its list as a format (recorded:
 * `odd%20name` reads `odd%!n(MISSING)ame`).
 */
export function goFormat(text: string): string {
  return text.replaceAll(/%[-+# 0]*\d*(?:\.\d*)?(.)?/gsu, (_whole, verb: string | undefined) => {
    if (verb === undefined) return '%!(NOVERB)';
    return verb === '%' ? '%' : `%!${verb}(MISSING)`;
  });
}
