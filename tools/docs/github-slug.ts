/**
 * Anchor that GitHub gives a heading, without the number of a repeated one: lower case, punctuation removed, blanks as
 * hyphens.
 * @param heading its text, without marks for links and code
 */
export const githubSlugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/gu, '-');
