/**
 * Logging in to OpenStack Keystone v3 (coriolis-api.md §3), as pure functions: the caller sends the request that
 * `tokenRequest` builds and hands the answer to `readToken`; `chooseEndpoint` then finds Coriolis in the token's catalogue.
 */
export { applianceConfigUrl, readApplianceConfig, type ApplianceConfig } from './appliance';
export {
  chooseEndpoint,
  serviceEndpoint,
  type CatalogueService,
  type EndpointSelection,
} from './service-catalogue';
export {
  describeLogin,
  fingerprintText,
  tokenRequest,
  type DomainReference,
  type Identity,
  type ProjectReference,
  type TokenRequest,
  type UserReference,
} from './identity';
export { readToken, type Token } from './token';
