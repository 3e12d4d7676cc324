import {
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  verifyBearerToken,
} from '@modelcontextprotocol/server';
import type { AuthInfo, OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { scopes } from '../caller/caller';
import type { HttpOptions } from '../configuration/http-options';
import type { Log } from '../observability/log';
import { tokensOfFile } from './tokens-file';

/** Tells who calls. */
export interface Authentication {
  /** Who it is, or how to answer somebody who may not call; undefined stands for everybody, where nobody logs in. */
  check(authorization: string | undefined): Promise<AuthInfo | Response | undefined>;
  /** The document that tells clients whom to log in with (RFC 9728), for the path it belongs to. */
  metadata(path: string): object | undefined;
}

/** @throws {InvalidInputError} the file of tokens cannot be used */
export async function createAuthentication(
  { tokensFile, oauth, publicUrl }: HttpOptions,
  log: Log,
): Promise<Authentication> {
  const verifiers: OAuthTokenVerifier[] = [];
  if (tokensFile !== undefined) {
    verifiers.push(await tokensOfFile(tokensFile, log));
  }
  if (oauth !== undefined) {
    const { accessTokens } = await import('./access-tokens');
    verifiers.push(accessTokens(oauth, log));
  }
  if (verifiers.length === 0) return { check: async () => undefined, metadata: () => undefined };

  const metadataUrl =
    oauth === undefined || publicUrl === undefined
      ? undefined
      : getOAuthProtectedResourceMetadataUrl(publicUrl);
  const gate = {
    verifier: firstOf(verifiers),
    requiredScopes: ['read'],
    ...(metadataUrl === undefined ? {} : { resourceMetadataUrl: metadataUrl }),
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

/** The first that knows the token; the words of the last one count when none does. */
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
