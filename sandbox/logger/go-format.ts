/**
 * What Go's formatting makes of a text that was meant to be shown as it is: the server uses the JSON of its list as a format without values
 * (recorded: `odd%20name` reads `odd%!n(MISSING)ame`).
 */
export function goFormat(text: string): string {
  return text.replaceAll(/%[-+# 0]*\d*(?:\.\d*)?(.)?/gsu, (_whole, verb: string | undefined) => {
    if (verb === undefined) return '%!(NOVERB)';
    return verb === '%' ? '%' : `%!${verb}(MISSING)`;
  });
}
