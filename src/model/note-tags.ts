const TAG = /#([\p{L}\p{N}_.:/-]+)/gu;

const plain = (tag: string): string => tag.trim().replace(/^#/u, '').toLowerCase();

/** Tags in notes: the words after a #, in lower case. "Database #nightly" has the tag "nightly". */
const tagsIn = (notes: string): readonly string[] =>
  [...notes.matchAll(TAG)].map(([, tag = '']) => tag.toLowerCase());

/**
 * Whether notes have a tag. The tag is given with or without its #, in upper or lower case. An empty tag matches all
 * notes.
 */
export const hasTag = (notes: string | null, tag: string): boolean =>
  plain(tag) === '' || tagsIn(notes ?? '').includes(plain(tag));
