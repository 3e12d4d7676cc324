/**
 * Estimates the tokens of a text: one for six letters, three digits, or two other characters. It estimates too much
 * rather than too little, so that budgets hold with any tokenizer. A real tokenizer would take longer to load than the
 * rest of the server.
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
