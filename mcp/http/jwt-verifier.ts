import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import type { OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { isObject } from '../../src/model/json';
import { expandScopes } from '../caller/caller';
import type { OAuthOptions } from '../configuration/http-options';
import { makeLazy } from '../make-lazy';
import type { Log } from '../observability/log';

/** Accepted signature algorithms: only those with a key pair. "none" and shared secrets are not accepted. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_SECONDS = 10;
const FETCH_TIMEOUT_MS = 5000;

/**
 * Creates a verifier of JSON web tokens that the issuer signed for this audience. The issuer's keys are fetched for
 * the first token, and again when a token names an unknown key. The issuer gets no other requests.
 */
export function createJwtVerifier({ issuer, audience, jwksUrl }: OAuthOptions, log: Log): OAuthTokenVerifier {
  const keys = makeLazy(async (): Promise<JWTVerifyGetKey> => {
    const url = jwksUrl ?? (await jwksUrlOf(issuer));
    return createRemoteJWKSet(new URL(url), { timeoutDuration: FETCH_TIMEOUT_MS });
  });
  return {
    async verifyAccessToken(token) {
      try {
        const { payload } = await jwtVerify(token, await keys(), {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        });
        return {
          token,
          clientId: clientOf(payload),
          scopes: expandScopes(scopesOf(payload)),
          // Always present, because the claim is required.
          expiresAt: (payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS,
          extra: { subject: `oauth:${payload.sub ?? clientOf(payload)}` },
        };
      } catch (error) {
        throw verificationError(error, log);
      }
    },
  };
}

/**
 * Error for the client: `invalid_token` when the token is wrong, `server_error` when the issuer's keys cannot be had
 * now.
 */
function verificationError(error: unknown, log: Log): OAuthError {
  const reason = error instanceof Error ? error.message : 'unknown';
  const unreachable = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
  if (!unreachable) return new OAuthError(OAuthErrorCode.InvalidToken, `The token is not valid: ${reason}`);
  log.error('the keys of the OAuth issuer cannot be fetched', { error: reason });
  return new OAuthError(OAuthErrorCode.ServerError, 'Tokens cannot be checked now');
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Client id of a token. Issuers put it into `client_id` or `azp`; without both it is the subject. */
const clientOf = (payload: JWTPayload): string =>
  textOf(payload['client_id']) ?? textOf(payload['azp']) ?? payload.sub ?? 'unknown';

/** Scopes of a token: `scope` is a text separated by spaces (RFC 8693); some issuers send a list, or call it `scp`. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const claim = scope ?? scp;
  if (typeof claim === 'string') return claim.split(' ');
  return Array.isArray(claim) ? claim.filter((one): one is string => typeof one === 'string') : [];
}

/**
 * Reads the URL of the issuer's keys (`jwks_uri`) from its metadata, which are at the path of OpenID Connect or that of
 * RFC 8414.
 * @throws when neither place has metadata of this issuer
 */
async function jwksUrlOf(issuer: string): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/u, '');
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  for (const place of places) {
    const answer = await fetch(place, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
    const metadata: unknown = answer.ok ? await answer.json() : undefined;
    if (!isObject(metadata) || metadata['issuer'] !== issuer) continue;
    if (typeof metadata['jwks_uri'] === 'string') return metadata['jwks_uri'];
  }
  throw new Error(`no metadata with a jwks_uri at ${places.join(' or ')}`);
}
