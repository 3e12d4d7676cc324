/** Replacements in error texts. Both generations say "transfer action" for a replica or a migration. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  // The server really says "Replicas's".
  [/\bTransfer(?='s declared instances)/g, 'Replicas'],
  [/\btransfers\b/g, 'replicas'],
  [/\btransfer(?=_)/g, 'replica'],
  [/\btransfer\b(?! action)/g, 'replica'],
  [/\bTransfer\b(?! action)/g, 'Replica'],
  [/\btransferred\b/g, 'replicated'],
  [/\bdeployments\b/g, 'migrations'],
  [/\bdeployment\b/g, 'migration'],
  [/\bDeployment\b/g, 'Migration'],
  [/\bdeployed\b/g, 'migrated'],
];

/** Description in the schema of network maps, which legacy servers do not have. */
const DESCRIPTION_OF_NETWORK_MAPS =
  /^ *'description': 'Mapping between source and destination network '\n *'identifiers\.',\n/m;

/** Quoted ids and names, which are not translated. An apostrophe within a word is no quote. */
const QUOTED = /((?<!\w)'[^']*'|"[^"]*")/;
/** The only quoted word that belongs to the server's own text. */
const WRAPPER = /(?<=encased inside the ")(?:transfer|deployment)(?=" key)/;

/** Converts the text of an error to the legacy generation. */
export function toLegacyErrorText(text: string): string {
  return text
    .replace(DESCRIPTION_OF_NETWORK_MAPS, '')
    .replace(WRAPPER, translated)
    .split(QUOTED)
    .map((part, place) => (place % 2 === 1 ? part : translated(part)))
    .join('');
}

function translated(text: string): string {
  return WORDS.reduce((result, [word, replacement]) => result.replace(word, replacement), text);
}
