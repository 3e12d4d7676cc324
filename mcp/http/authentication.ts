import { withoutUndefined } from '../../src/model/json';
import {
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  verifyBearerToken,
} from '@modelcontextprotocol/server';
import type { AuthInfo, OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { scopes } from '../caller/caller';
import type { HttpOptions } from '../configuration/http-options';
import type { Log } from '../observability/log';
import { createTokensFileVerifier } from './tokens-file';

/** Authentication of HTTP requests. */
export interface HttpAuthentication {
  /**
   * Returns the caller, or the response that refuses an unknown one; undefined when no authentication is configured.
   */
  check(authorization: string | undefined): Promise<AuthInfo | Response | undefined>;
  /** Returns the protected resource metadata (RFC 9728) for the path where clients look for them; else undefined. */
  metadata(path: string): object | undefined;
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
    const { createAccessTokenVerifier } = await import('./access-tokens');
    verifiers.push(createAccessTokenVerifier(oauth, log));
  }
  if (verifiers.length === 0) return { check: async () => undefined, metadata: () => undefined };

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
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Coriolis',
  };
  return {
    async check(authorization) {
      try {
        return await verifyBearerToken(authorization, gate);
      } catch (error) {
        return bearerAuthChallengeResponse(error, gate);
      }
    },
    metadata: (path) =>
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
