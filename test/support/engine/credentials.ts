import {
  ICredentialsHelper,
  NodeHelpers,
  type ICredentialDataDecryptedObject,
  type ICredentials,
  type ICredentialType,
  type IHttpRequestHelper,
  type IHttpRequestOptions,
  type INode,
  type INodeCredentialsDetails,
  type INodeParameters,
  type INodeProperties,
  type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

/** A credential as a node refers to it. */
export interface StoredCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/**
 * n8n's credentials without the database and the encryption, by the rules of its own helper (`n8n`, credentials-helper.ts):
 * defaults fill what is missing; `preAuthentication` runs when the expirable field is empty, after a 401, or in a test;
 * what it returns is merged and stored.
 */
export class CredentialStore extends ICredentialsHelper {
  private readonly stored = new Map<string, ICredentialDataDecryptedObject>();

  constructor(private readonly types: ReadonlyMap<string, ICredentialType>) {
    super();
  }

  /** Keeps `data` and names it. */
  add(type: string, data: ICredentialDataDecryptedObject): StoredCredential {
    const id = `credential-${this.stored.size + 1}`;
    this.stored.set(id, { ...data });
    return { id, name: `${type} ${this.stored.size}`, type };
  }

  /** What is stored, hidden fields included. */
  read({ id }: Pick<StoredCredential, 'id'>): ICredentialDataDecryptedObject {
    const data = this.stored.get(id);
    if (data === undefined) throw new Error(`There is no credential ${id}`);
    return { ...data };
  }

  /** Changes fields as a user does in the form: hidden ones stay as they are. */
  edit({ id }: Pick<StoredCredential, 'id'>, changes: ICredentialDataDecryptedObject): void {
    this.stored.set(id, { ...this.read({ id }), ...changes });
  }

  getParentTypes(): string[] {
    return [];
  }

  isCredentialUsableByNode(): boolean {
    return true;
  }

  getCredentialsProperties(type: string): INodeProperties[] {
    return this.typeOf(type).properties;
  }

  async getCredentials(): Promise<ICredentials> {
    throw new Error('Encrypted credentials are not kept here');
  }

  async getDecrypted(
    _additionalData: IWorkflowExecuteAdditionalData,
    details: INodeCredentialsDetails,
    type: string,
  ): Promise<ICredentialDataDecryptedObject> {
    return this.withDefaults(type, this.read({ id: details.id ?? '' }));
  }

  async updateCredentials(
    details: INodeCredentialsDetails,
    _type: string,
    data: ICredentialDataDecryptedObject,
  ): Promise<void> {
    this.stored.set(details.id ?? '', { ...data });
  }

  async updateCredentialsOauthTokenData(): Promise<void> {}

  async authenticate(
    data: ICredentialDataDecryptedObject,
    type: string,
    request: IHttpRequestOptions,
  ): Promise<IHttpRequestOptions> {
    const { authenticate } = this.typeOf(type);
    return typeof authenticate === 'function' ? await authenticate(data, request) : request;
  }

  async preAuthentication(
    helpers: IHttpRequestHelper,
    data: ICredentialDataDecryptedObject,
    type: string,
    node: INode,
    expired: boolean,
  ): Promise<ICredentialDataDecryptedObject | undefined> {
    const credentialType = this.typeOf(type);
    const expirable = credentialType.properties.find(
      (property) => property.type === 'hidden' && property.typeOptions?.expirable === true,
    );
    if (expirable === undefined || credentialType.preAuthentication === undefined) return undefined;
    // n8n tests credentials with a no-op node that has a parameter "temp".
    const testing = node.parameters['temp'] === '';
    if (data[expirable.name] !== '' && !expired && !testing) return undefined;
    const output = await credentialType.preAuthentication.call(helpers, data);
    if (output[expirable.name] === undefined) return undefined;
    const details = node.credentials?.[type];
    if (details === undefined) return undefined;
    Object.assign(data, output);
    if (!testing) await this.updateCredentials(details, type, data);
    return data;
  }

  async runPreAuthentication(): Promise<undefined> {
    return undefined;
  }

  withDefaults(type: string, data: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject {
    // As n8n does, values of fields that do not show are left out.
    return NodeHelpers.getNodeParameters(
      this.typeOf(type).properties,
      data as INodeParameters,
      true,
      false,
      null,
      null,
    ) as ICredentialDataDecryptedObject;
  }

  typeOf(name: string): ICredentialType {
    const type = this.types.get(name);
    if (type === undefined) throw new Error(`There is no credential type ${name}`);
    return type;
  }
}
