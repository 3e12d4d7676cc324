import { isObject } from '../model/json';
import { contentOf, detailsOf } from './answer';
import { ProtocolError } from './errors';
import { httpUrl } from './http-url';
import type { TransportResponse } from './transport';

/**
 * Where an appliance keeps its services, as its web interface tells at `GET {appliance}/api/config`
 * (`{config: {servicesUrls: {keystone, coriolis, …}}}`: cloudbase/coriolis-web, server/api/ConfigApi.ts and config.ts).
 */
export interface ApplianceConfig {
  /** Leads to Keystone v3 as it stands: `Identity.authUrl` with `authUrlIsV3`. */
  readonly authUrl: string;
  /** Address of Coriolis that lacks only the id of the project: `EndpointSelection.override`. */
  readonly endpoint: string;
}

/** Address of the configuration of an appliance; no login is needed for it. */
export function applianceConfigUrl(applianceUrl: string): string {
  return `${httpUrl(applianceUrl, 'applianceUrl')}/api/config`;
}

/** @throws {ProtocolError} the answer is not that of an appliance */
export function readApplianceConfig(response: TransportResponse, applianceUrl: string): ApplianceConfig {
  const base = httpUrl(applianceUrl, 'applianceUrl');
  const content = contentOf(response.body);
  const answer = content.kind === 'json' && isObject(content.value) ? content.value : {};
  const config = isObject(answer['config']) ? answer['config'] : {};
  const urls = isObject(config['servicesUrls']) ? config['servicesUrls'] : {};
  const { keystone, coriolis } = urls;
  if (response.status !== 200 || typeof keystone !== 'string' || typeof coriolis !== 'string') {
    throw new ProtocolError(`${base} is no Coriolis appliance: it has no configuration at /api/config`, {
      ...detailsOf(response),
      advice: 'Give the address of the web interface of Coriolis, or the auth URL of Keystone instead.',
    });
  }
  // Relative to the appliance, when its own address was not configured.
  const absolute = (url: string): string => (url.startsWith('/') ? `${base}${url}` : url).replace(/\/+$/, '');
  return { authUrl: absolute(keystone), endpoint: absolute(coriolis) };
}
