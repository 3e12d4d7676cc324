import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, sign } from 'node:crypto';

/** An OAuth authorization server, as far as a resource server sees one: metadata, keys, and tokens. */
export interface Issuer {
  readonly url: string;
  /** An access token; claims replace those that a good one has. */
  token(claims?: Readonly<Record<string, unknown>>, lifetimeSeconds?: number): string;
  stop(): Promise<void>;
}

const SUBJECT = 'alice';

/** @param audience what its tokens are for, unless a claim says otherwise */
export async function startIssuer(audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const server: Server = createServer((request, response) => {
    const documents: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': { issuer: url(), jwks_uri: `${url()}/keys` },
      '/keys': { keys: [key] },
    };
    const found = documents[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: url(),
    token: (claims = {}, lifetimeSeconds = 300) => {
      const exp = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      const body = [
        { alg: 'RS256', kid: 'one', typ: 'at+jwt' },
        { iss: url(), aud: audience, sub: SUBJECT, scope: 'read', exp, ...claims },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${body}.${sign('sha256', Buffer.from(body), privateKey).toString('base64url')}`;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
