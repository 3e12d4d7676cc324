/** Description of both nodes. n8n's panel shows node and trigger as one entry, so both have the same description. */
export const panelDescription =
  'Migrate and replicate VMs between clouds, and start workflows when a run ends, stalls or is late';
