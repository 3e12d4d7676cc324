/**
 * Login to OpenStack Keystone v3 (docs/reference/coriolis-api.md §3), as functions that send nothing themselves:
 * `locateKeystone` finds Keystone, the caller sends the request that `tokenRequest` builds and hands the answer to
 * `readToken`; `chooseEndpoint` then finds Coriolis in the token's catalogue.
 */
export { locateKeystone as locate, type LocatedLogin } from './locate-keystone';
export {
  chooseEndpoint,
  serviceEndpoint,
  regionsToChooseFrom,
  type CatalogueService,
  type EndpointSelection,
} from './service-catalogue';
export {
  loginAddress as addressOf,
  secretCacheKey,
  tokenRequest,
  type ApplianceCredentials,
  type LoginMethod,
  type DomainReference,
  type KeystoneCredentials,
  type ProjectReference,
  type TokenRequest,
  type UserReference,
} from './login-request';
export { readToken, type Token } from './token';
export { isTokenRefused, logIn, mayBeRevoked, refuseClearText, type LoginSession } from './log-in';
