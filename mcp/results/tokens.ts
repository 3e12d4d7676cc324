/**
 * About how many tokens a model pays for a text: words a token for every six letters, numbers one for every three digits,
 * other characters one for every two. Errs on the high side (ids are mostly changes between letters and digits), so that
 * a budget measured with it holds; a real tokenizer would cost more to load than all the rest of the server.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(/[A-Za-z]+|[0-9]+|[\u0080-\uffff]+|[^A-Za-z0-9\s\u0080-\uffff]+/gu)) {
    const first = run.charCodeAt(0);
    const size = first > 127 ? 1 : isDigit(first) ? 3 : isLetter(first) ? 6 : 2;
    tokens += Math.ceil(run.length / size);
  }
  return tokens;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
