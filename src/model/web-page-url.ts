/** Objects that have a page in the web interface of Coriolis. */
export type ObjectWithPage =
  'transfer' | 'execution' | 'schedule' | 'deployment' | 'migration' | 'endpoint' | 'minionPool';

type Paths = Readonly<Record<ObjectWithPage, (id: string) => string>>;

const CURRENT: Paths = {
  transfer: (id) => `/transfers/${id}`,
  execution: (id) => `/transfers/${id}/executions`,
  schedule: (id) => `/transfers/${id}/schedule`,
  deployment: (id) => `/deployments/${id}`,
  // A migration is a transfer with a plan in its notes.
  migration: (id) => `/transfers/${id}`,
  endpoint: (id) => `/endpoints/${id}`,
  minionPool: (id) => `/minion-pools/${id}`,
};

const LEGACY: Paths = {
  ...CURRENT,
  transfer: (id) => `/replicas/${id}`,
  execution: (id) => `/replicas/${id}/executions`,
  schedule: (id) => `/replicas/${id}/schedule`,
  deployment: (id) => `/migrations/${id}`,
  migration: (id) => `/migrations/${id}`,
};

/**
 * Address of an object's page in the web interface.
 * @param address address of the web interface: "https://coriolis.example.com"
 * @param id id of the object; for an execution or a schedule, the id of its transfer
 * @param isLegacy whether the server is older than 1.1; its pages have other paths
 */
export const makeWebPageUrl = (
  address: string,
  object: ObjectWithPage,
  id: string,
  isLegacy: boolean,
): string =>
  `${address.trim().replace(/\/+$/, '')}${(isLegacy ? LEGACY : CURRENT)[object](encodeURIComponent(id))}`;
