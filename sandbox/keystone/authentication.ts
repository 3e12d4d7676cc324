import type { ApplicationCredential, IdOrNameReference, Project, User } from './user-directory';
import { KeystoneError, missingAttributeError, forbiddenError, unauthorizedError } from './errors';
import type { IdentityService, Token } from './identity-service';
import { missingTokenRequestMemberError } from './token-request-schema';

/** Scope of a token request. `default`: the request names none, so the token is for the user's default project. */
type Scope =
  { kind: 'default' } | { kind: 'unscoped' } | { kind: 'project'; project: Project } | { kind: 'domain' };

/** An authenticated user, and how the user was authenticated. */
interface AuthenticatedUser {
  user: User;
  method: string;
  applicationCredential?: ApplicationCredential;
  from?: Token;
}

type JsonObject = Record<string, unknown>;

/**
 * Answers `POST /v3/auth/tokens`: checks the scope, then the credentials (in that order, as Keystone does), and issues a token.
 * @param body the parsed JSON body
 * @throws KeystoneError with the status and text of the recorded server
 */
export function authenticate(identity: IdentityService, body: unknown): Token {
  const auth = objectOf(objectOf(body)?.['auth']);
  if (!auth) throw missingAttributeError('auth', 'request body');
  const proofs = objectOf(auth['identity']);
  if (!proofs) throw missingTokenRequestMemberError('identity', auth);
  const methods = proofs['methods'];
  if (!Array.isArray(methods)) throw missingTokenRequestMemberError('methods', auth);

  const scope = readScope(identity, auth['scope']);
  const proof = checkCredentials(identity, methods, proofs);
  if (proof.applicationCredential && scope.kind !== 'default') {
    const message =
      'Error authenticating with application credential: Application credentials cannot request a scope.';
    throw new KeystoneError(401, message, { identity: {} });
  }
  // No user of the sandbox has a role on a domain.
  if (scope.kind === 'domain') throw unauthorizedError();
  return identity.issueToken({ ...proof, project: projectFor(scope, proof) });
}

function projectFor(scope: Scope, proof: AuthenticatedUser): Project | null {
  if (scope.kind === 'project') return scope.project;
  if (proof.applicationCredential) return proof.applicationCredential.project;
  return scope.kind === 'unscoped' ? null : proof.user.defaultProject;
}

function readScope(identity: IdentityService, scope: unknown): Scope {
  if (scope === undefined || scope === null) return { kind: 'default' };
  if (scope === 'unscoped' || objectOf(scope)?.['unscoped'] !== undefined) return { kind: 'unscoped' };
  const wanted = objectOf(scope) ?? {};
  if (wanted['project'] !== undefined) {
    return { kind: 'project', project: identity.directory.findProject(reference(wanted['project'])) };
  }
  if (wanted['domain'] !== undefined) {
    identity.directory.findDomain(reference(wanted['domain']));
    return { kind: 'domain' };
  }
  throw missingAttributeError('one of: project, domain or unscoped', 'scope');
}

function checkCredentials(
  identity: IdentityService,
  methods: readonly unknown[],
  proofs: JsonObject,
): AuthenticatedUser {
  const method = methods[0];
  const details = typeof method === 'string' ? objectOf(proofs[method]) : undefined;
  if (method === 'password') return byPassword(identity, details);
  if (method === 'token') return byToken(identity, details);
  if (method === 'application_credential') return byApplicationCredential(identity, details);
  throw unauthorizedError();
}

function byPassword(identity: IdentityService, details: JsonObject | undefined): AuthenticatedUser {
  const given = objectOf(details?.['user']);
  if (!given) throw missingAttributeError('user', 'password');
  const user = identity.directory.findUser(reference(given));
  if (given['password'] !== user.password) throw unauthorizedError();
  return { user, method: 'password' };
}

function byToken(identity: IdentityService, details: JsonObject | undefined): AuthenticatedUser {
  const id = text(details?.['id']);
  if (id === undefined) throw missingAttributeError('id', 'token');
  const from = identity.requireToken(id);
  if (from.applicationCredential)
    throw forbiddenError('Using a delegated token to create another token is not allowed');
  return { user: from.user, method: 'token', from };
}

function byApplicationCredential(
  identity: IdentityService,
  details: JsonObject | undefined,
): AuthenticatedUser {
  const id = text(details?.['id']);
  const name = text(details?.['name']);
  if (id === undefined && name === undefined)
    throw missingAttributeError('id or name', 'application_credential');
  const { directory } = identity;
  const credential =
    id !== undefined
      ? directory.findApplicationCredential(id)
      : directory.findApplicationCredentialByName(
          name ?? '',
          directory.findUser(reference(details?.['user'])),
        );
  if (details?.['secret'] !== credential.secret) throw unauthorizedError();
  return { user: credential.user, method: 'application_credential', applicationCredential: credential };
}

function reference(value: unknown): IdOrNameReference {
  const given = objectOf(value) ?? {};
  const domain = objectOf(given['domain']);
  return {
    id: text(given['id']),
    name: text(given['name']),
    domain: domain ? { id: text(domain['id']), name: text(domain['name']) } : undefined,
  };
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
