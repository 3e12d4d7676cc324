const TAG = /#([\p{L}\p{N}_.:/-]+)/gu;

const plain = (tag: string): string => tag.trim().replace(/^#/u, '').toLowerCase();

/** Words after a # in notes, in lower case: "nightly" for "Database #nightly". */
const tagsIn = (notes: string): readonly string[] =>
  [...notes.matchAll(TAG)].map(([, tag = '']) => tag.toLowerCase());

/** Whether notes have a tag, given with or without its #, in upper or lower case. An empty tag is in all notes. */
export const hasTag = (notes: string | null, tag: string): boolean =>
  plain(tag) === '' || tagsIn(notes ?? '').includes(plain(tag));
