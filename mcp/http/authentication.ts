import { withoutUndefined } from '../../src/model/json';
import {
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  verifyBearerToken,
} from '@modelcontextprotocol/server';
import type { AuthInfo, OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { tokenScopes } from '../caller/caller';
import type { HttpOptions } from '../configuration/http-options';
import type { Log } from '../observability/log';
import { createTokensFileVerifier } from './tokens-file-verifier';

/** Authentication of HTTP requests. */
export interface HttpAuthentication {
  /**
   * Returns the caller, or the response that refuses an unknown one; undefined when no authentication is configured.
   */
  authenticate(authorization: string | undefined): Promise<AuthInfo | Response | undefined>;
  /** Returns the protected resource metadata (RFC 9728) for the path where clients look for them; else undefined. */
  findResourceMetadata(path: string): object | undefined;
}

/**
 * Creates the authentication of the HTTP server: a tokens file, OAuth, both or none.
 * @throws {InvalidInputError} the file of tokens cannot be used
 */
export async function createAuthentication(
  { tokensFile, oauth, publicUrl }: HttpOptions,
  log: Log,
): Promise<HttpAuthentication> {
  const verifiers: OAuthTokenVerifier[] = [];
  if (tokensFile !== undefined) {
    verifiers.push(await createTokensFileVerifier(tokensFile, log));
  }
  if (oauth !== undefined) {
    const { createJwtVerifier: createAccessTokenVerifier } = await import('./jwt-verifier');
    verifiers.push(createAccessTokenVerifier(oauth, log));
  }
  if (verifiers.length === 0)
    return { authenticate: async () => undefined, findResourceMetadata: () => undefined };

  const metadataUrl =
    oauth === undefined || publicUrl === undefined
      ? undefined
      : getOAuthProtectedResourceMetadataUrl(publicUrl);
  const gate = {
    verifier: firstOf(verifiers),
    requiredScopes: ['read'],
    ...withoutUndefined({ resourceMetadataUrl: metadataUrl }),
  };
  const document = {
    resource: publicUrl?.href,
    authorization_servers: [oauth?.issuer],
    scopes_supported: tokenScopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Coriolis',
  };
  return {
    async authenticate(authorization) {
      try {
        return await verifyBearerToken(authorization, gate);
      } catch (error) {
        return bearerAuthChallengeResponse(error, gate);
      }
    },
    findResourceMetadata: (path) =>
      metadataUrl !== undefined && new URL(metadataUrl).pathname === path ? document : undefined,
  };
}

/** Tries verifiers in order; throws the error of the last one when all refuse. */
const firstOf = (verifiers: readonly OAuthTokenVerifier[]): OAuthTokenVerifier => ({
  async verifyAccessToken(token) {
    let refused: unknown;
    for (const verifier of verifiers) {
      try {
        return await verifier.verifyAccessToken(token);
      } catch (error) {
        refused = error;
      }
    }
    throw refused;
  },
});
