import type { IdentityService, TokenDocument } from './identity-service';

/** An external Keystone, used instead of the sandbox's own. */
export interface ExternalKeystone {
  /** Address of its v3, e.g. `http://127.0.0.1:5000/v3`. */
  readonly authUrl: string;
  /** User of the domain `default` who may validate tokens: role `admin` or `service`. */
  readonly service: { readonly username: string; readonly password: string; readonly project: string };
}

/** Failure of Keystone itself, for which Coriolis answers 503. */
class KeystoneFailure extends Error {}

/**
 * Validates tokens with an external Keystone, and adds valid ones to the sandbox's identity service. Like Coriolis'
 * auth middleware it logs in as a user of its own and sends `GET /v3/auth/tokens`.
 */
export class ExternalTokenValidator {
  private serviceToken: Promise<string> | undefined;
  /** Validations in progress, one for each token. */
  private readonly validations = new Map<string, Promise<void>>();

  constructor(
    private readonly keystone: ExternalKeystone,
    private readonly identity: IdentityService,
  ) {}

  /**
   * Validates a token and adds it to the identity service.
   * @param fresh also validate a cached token: starting work needs a trust, which Keystone does not create for a
   * revoked token
   * @throws when Keystone does not answer, or answers in another format
   */
  async validateToken(tokenId: string, fresh: boolean): Promise<void> {
    if (!fresh && this.identity.hasCachedValidation(tokenId)) return;
    const asked =
      this.validations.get(tokenId) ?? this.ask(tokenId).finally(() => this.validations.delete(tokenId));
    this.validations.set(tokenId, asked);
    await asked;
  }

  private async ask(tokenId: string): Promise<void> {
    let answer = await this.validate(tokenId);
    if (answer.status === 401) {
      this.serviceToken = undefined;
      answer = await this.validate(tokenId);
    }
    if (answer.status === 404) {
      this.identity.revokeToken({ id: tokenId });
    } else if (answer.ok) {
      const { token } = (await answer.json()) as { token: TokenDocument };
      this.identity.addExternalToken(tokenId, token);
    } else {
      throw new KeystoneFailure(`Keystone answered ${answer.status}`);
    }
  }

  private async validate(tokenId: string): Promise<Response> {
    this.serviceToken ??= this.logIn();
    // A failed login is not cached.
    this.serviceToken.catch(() => (this.serviceToken = undefined));
    return await fetch(`${this.keystone.authUrl}/auth/tokens?nocatalog`, {
      headers: { 'X-Auth-Token': await this.serviceToken, 'X-Subject-Token': tokenId },
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
