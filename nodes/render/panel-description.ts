/** Description of the node and of the trigger: n8n's panel shows both as one entry, with the text of either. */
export const panelDescription =
  'Migrate and replicate VMs between clouds, and start workflows when a run ends, stalls or is late';
