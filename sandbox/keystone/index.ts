export { Identity } from './identity';
export type { Caller, IdentityOptions, Token } from './identity';
export type { ApplicationCredential, Domain, Project, User } from './directory';
export { addPeople } from './people';
export type { People } from './people';
export { keystoneRoutes } from './routes';
export type { KeystoneRoutesOptions } from './routes';
export { DEFAULT_SERVICES, REGION } from './token-document';
export type { CatalogueService } from './token-document';
