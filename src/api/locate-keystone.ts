import { isObject } from '../model/json';
import { parseAnswerContent, statusAndRequestIdOf } from './parse-answer';
import { ProtocolError } from './errors';
import { normalizeHttpUrl } from './http-url';
import type { ApplianceCredentials, KeystoneCredentials } from './login-request';
import type { CatalogueSelection } from './service-catalogue';
import type { CompanionService, TransportRequest, TransportResponse } from './transport';

/** A login with the address of its Keystone. */
export interface LocatedLogin {
  readonly identity: KeystoneCredentials;
  readonly selection: CatalogueSelection;
}

const TIMEOUT_MS = 30_000;

/**
 * Finds the Keystone of a login. For an appliance, asks it for its configuration, which anybody may read, and takes the
 * addresses of Keystone and the other services from there. An address of Coriolis in the login overrides the
 * configuration.
 * @throws {ProtocolError} no appliance answers at the address
 */
export async function locateKeystone(
  {
    identity,
    selection,
  }: { readonly identity: KeystoneCredentials | ApplianceCredentials } & Omit<LocatedLogin, 'identity'>,
  ask: (request: TransportRequest) => Promise<TransportResponse>,
): Promise<LocatedLogin> {
  if (!('appliance' in identity)) return { identity, selection };
  const { appliance, ...caller } = identity;
  const base = normalizeHttpUrl(appliance, 'appliance');
  const answer = await ask({
    method: 'GET',
    url: `${base}/api/config`,
    headers: { Accept: 'application/json' },
    timeoutMs: TIMEOUT_MS,
  });
  const { authUrl, endpoint, others } = readConfig(answer, base);
  return {
    identity: { ...caller, authUrl, authUrlIsV3: true },
    selection: { ...selection, override: selection.override ?? endpoint, others: selection.others ?? others },
  };
}

interface ApplianceConfig {
  /** Complete address of Keystone v3. */
  readonly authUrl: string;
  /** Address of Coriolis, without the project id. */
  readonly endpoint: string;
  readonly others: Readonly<Partial<Record<CompanionService, string>>>;
}

/**
 * Reads the addresses of an appliance's services from `GET {appliance}/api/config` (`{config: {servicesUrls: {keystone,
 * coriolis, …}}}`: cloudbase/coriolis-web, server/api/ConfigApi.ts and config.ts).
 */
function readConfig(response: TransportResponse, base: string): ApplianceConfig {
  const content = parseAnswerContent(response.body);
  const answer = content.kind === 'json' && isObject(content.value) ? content.value : {};
  const config = isObject(answer['config']) ? answer['config'] : {};
  const urls = isObject(config['servicesUrls']) ? config['servicesUrls'] : {};
  // An address that begins with a slash is relative to the appliance.
  const urlOf = (name: string): string | undefined => {
    const url = urls[name];
    if (typeof url !== 'string' || url === '') return undefined;
    return (url.startsWith('/') ? `${base}${url}` : url).replace(/\/+$/, '');
  };
  const authUrl = urlOf('keystone');
  const endpoint = urlOf('coriolis');
  if (response.status !== 200 || authUrl === undefined || endpoint === undefined) {
    throw new ProtocolError(`${base} is no Coriolis appliance: it has no configuration at /api/config`, {
      ...statusAndRequestIdOf(response),
      advice: 'Give the address of the web interface of Coriolis, or the auth URL of Keystone instead.',
    });
  }
  const others = Object.entries({
    // The configured address ends in `/logs`, the list of logs.
    'coriolis-logger': urlOf('coriolisLogs')?.replace(/\/logs$/, ''),
    'coriolis-licensing': urlOf('coriolisLicensing'),
    'key-manager': urlOf('barbican')?.replace(/\/v1$/, ''),
  }).filter(([, url]) => url !== undefined);
  return { authUrl, endpoint, others: Object.fromEntries(others) as ApplianceConfig['others'] };
}
