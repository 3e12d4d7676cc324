/**
 * Login to OpenStack Keystone v3 (docs/reference/coriolis-api.md §3), as functions that send nothing themselves:
 * `locateKeystone` finds Keystone, the caller sends the request that `makeTokenRequest` builds and hands the answer to
 * `readKeystoneToken`; `findCoriolisAddress` then finds Coriolis in the token's catalogue.
 */
export { locateKeystone as locate, type LocatedLogin } from './locate-keystone';
export {
  findCoriolisAddress,
  findServiceAddress,
  catalogueRegionsToChoose,
  type CatalogueService,
  type CatalogueSelection,
} from './service-catalogue';
export {
  loginAddressOf as addressOf,
  loginCacheKey,
  makeTokenRequest,
  type ApplianceCredentials,
  type Login,
  type DomainReference,
  type KeystoneCredentials,
  type ProjectReference,
  type TokenRequest,
  type UserReference,
} from './login-request';
export { readKeystoneToken, type KeystoneToken } from './keystone-token';
export { isTokenRefused, logIn, mayMeanRevokedToken, refusePlainHttp, type LoginResult } from './log-in';
