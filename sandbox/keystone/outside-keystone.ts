import type { Identity, TokenDocument } from './identity';

/** An external Keystone, used instead of the sandbox's own. */
export interface OutsideKeystone {
  /** Address of its v3, e.g. `http://127.0.0.1:5000/v3`. */
  readonly authUrl: string;
  /** User of the domain `default` who may validate tokens: role `admin` or `service`. */
  readonly service: { readonly username: string; readonly password: string; readonly project: string };
}

/** Failure of Keystone itself, for which Coriolis answers 503. */
class KeystoneFailure extends Error {}

/**
 * Validates tokens with an external Keystone, like Coriolis' auth middleware (`GET /v3/auth/tokens` with a token of its
 * own), and adds valid ones to the sandbox's identity service.
 */
export class OutsideTokens {
  private own: Promise<string> | undefined;
  /** Validations in progress, one for each token. */
  private readonly asking = new Map<string, Promise<void>>();

  constructor(
    private readonly keystone: OutsideKeystone,
    private readonly identity: Identity,
  ) {}

  /**
   * Validates a token and adds it to the identity service.
   * @param fresh also validate a cached token: starting work needs a trust, which Keystone does not create for a
   * revoked token
   * @throws when Keystone does not answer, or answers in another format
   */
  async validateToken(tokenId: string, fresh: boolean): Promise<void> {
    if (!fresh && this.identity.hasCachedValidation(tokenId)) return;
    const asked = this.asking.get(tokenId) ?? this.ask(tokenId).finally(() => this.asking.delete(tokenId));
    this.asking.set(tokenId, asked);
    await asked;
  }

  private async ask(tokenId: string): Promise<void> {
    let answer = await this.validate(tokenId);
    if (answer.status === 401) {
      this.own = undefined;
      answer = await this.validate(tokenId);
    }
    if (answer.status === 404) {
      this.identity.revoke({ id: tokenId });
    } else if (answer.ok) {
      const { token } = (await answer.json()) as { token: TokenDocument };
      this.identity.addExternalToken(tokenId, token);
    } else {
      throw new KeystoneFailure(`Keystone answered ${answer.status}`);
    }
  }

  private async validate(tokenId: string): Promise<Response> {
    this.own ??= this.logIn();
    // A failed login is not cached.
    this.own.catch(() => (this.own = undefined));
    return await fetch(`${this.keystone.authUrl}/auth/tokens?nocatalog`, {
      headers: { 'X-Auth-Token': await this.own, 'X-Subject-Token': tokenId },
    });
  }

  private async logIn(): Promise<string> {
    const { username, password, project } = this.keystone.service;
    const domain = { id: 'default' };
    const answer = await fetch(`${this.keystone.authUrl}/auth/tokens?nocatalog`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
          scope: { project: { name: project, domain } },
        },
      }),
    });
    const token = answer.headers.get('X-Subject-Token');
    if (token === null)
      throw new KeystoneFailure(`Keystone refuses the service user (HTTP ${answer.status})`);
    return token;
  }
}
