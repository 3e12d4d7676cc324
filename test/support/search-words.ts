/** Words by which people look for the nodes in n8n's panel. */
export const searchWords = [
  'replica',
  'migration',
  'migrate vm',
  'vm',
  'sync',
  'rpo',
  'wave',
  'dr',
  'disaster recovery',
  'backup',
] as const;
