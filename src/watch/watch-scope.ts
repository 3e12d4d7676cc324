import { isObject } from '../model/json';

/**
 * Whether two scopes name the same server and project. Differences in how they are written are ignored: a trailing
 * slash, `/v3`, a default port, http or https, and the interface of the service catalogue.
 */
export const isSameWatchScope = (one: string, other: string): boolean =>
  one === other || normaliseScope(one) === normaliseScope(other);

/** Normalises a scope that `serverAndProjectKeyOf` made. Other texts stay unchanged. */
function normaliseScope(scope: string): string {
  const login = parseScopeText(scope);
  if (!Array.isArray(login)) return scope;
  const [where, whose, selection] = login as readonly unknown[];
  const chosen = isObject(selection) ? selection : {};
  return JSON.stringify([
    addressOf(where),
    projectOf(whose),
    chosen['serviceType'] ?? 'migration',
    chosen['serviceName'],
    chosen['region'],
    addressOf(chosen['override']),
  ]);
}

function parseScopeText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ADDRESS = /^(?:(?<scheme>https?):\/\/)?(?<host>[^/?#]+)(?<path>[^?#]*)/iu;

/**
 * Host, port and path of an address, normalised. The scheme and the version of Keystone in the path are left out,
 * because addresses with and without them lead to the same server.
 */
function addressOf(address: unknown): unknown {
  if (typeof address !== 'string') return undefined;
  const { scheme = 'https', host = '', path = '' } = ADDRESS.exec(address.trim())?.groups ?? {};
  const port = scheme.toLowerCase() === 'http' ? /:80$/u : /:443$/u;
  return `${host.toLowerCase().replace(port, '')}${path.replace(/\/+$/u, '').replace(/\/v(?:2\.0|3)$/u, '')}`;
}

/** Normalises the project of a scope. The domain with the id "default" has the name "Default" in every Keystone. */
function projectOf(whose: unknown): unknown {
  if (!isObject(whose) || !isObject(whose['domain'])) return whose;
  const { id, name } = whose['domain'];
  const domain = id === 'default' || name === 'Default' ? 'default' : whose['domain'];
  return { name: whose['name'], domain };
}
