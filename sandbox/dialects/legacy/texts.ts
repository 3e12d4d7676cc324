/** Words of the current generation in the texts of errors. "Transfer action" is what both call a replica or a migration. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  // The server's text has that typing error.
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

/** The schema of network maps, which is repeated when one is refused, had no description yet. */
const DESCRIPTION_OF_NETWORK_MAPS =
  /^ *'description': 'Mapping between source and destination network '\n *'identifiers\.',\n/m;

/** What is quoted is somebody's own: an id, a name. An apostrophe within a word is no quote. */
const QUOTED = /((?<!\w)'[^']*'|"[^"]*")/;
/** The one quoted word that is the server's. */
const WRAPPER = /(?<=encased inside the ")(?:transfer|deployment)(?=" key)/;

/** The text of an error in the words of the legacy generation. */
export function legacyText(text: string): string {
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
