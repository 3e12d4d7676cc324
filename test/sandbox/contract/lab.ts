import { withoutUndefined } from '../../../src/model/json';
import { startSandbox } from '../../../sandbox/sandbox';
import type { Sandbox, SandboxOptions } from '../../../sandbox/sandbox';
import { ManualClock } from '../../../sandbox/world/clock';
import type { Generation } from '../../../sandbox/world/releases';
import { wordsFor } from './generations';
import { requestOver } from './http';
import { readRecording } from './recording';
import type { Answer } from './recording';
import { isObject } from './shape';
import { Substitution } from './substitution';

/** A JSON object that came from the sandbox. */
export type Json = Record<string, unknown>;

/** Who asks for a token, and for what. */
export interface Login {
  readonly user: 'demo' | 'other' | 'reader' | 'member' | 'admin' | 'withoutProject';
  /** `default`: the user's own project; `migration`: that one; `unscoped`: none. */
  readonly scope?: 'default' | 'migration' | 'unscoped';
}

/** No set-up waits longer than this, in seconds of the sandbox's clock. */
const PATIENCE_SECONDS = 600;
/** Less than any token lives. */
const OWN_TOKEN_SECONDS = 10;
/** What the recorded server could move between. */
const PLATFORMS = ['lab_vsphere', 'lab_openstack'];
/** The endpoints of the recorded servers that the two of a lab stand for. */
const VCENTERS = [
  'c00519e0-0694-4e49-87e1-873b2ee1a690',
  '3cec494c-9ac6-4319-9ef5-db7275d33157',
  '1a05d068-5a3e-4fbf-abb3-e54bef3a01f0',
  'bb719734-3f3c-4a22-ac5c-647121e25fc8',
];
const OPENSTACKS = [
  'd555aadc-f453-4728-abda-3969110a81ab',
  '3f1bd6eb-0c93-4a94-9fb6-46099b4d8053',
  'da4cd4fe-4328-410d-83c3-be3faced8af9',
  'db5e507c-46ca-4398-96d0-fecbd9e35173',
];
/** How often a set-up looks: closely for something that passes, less so for an end. */
const STEP_SECONDS = 0.1;
const STEP_TO_END_SECONDS = 1;

/**
 * One sandbox of its own for one recording, reached over HTTP, with a clock that the test moves. It starts with the two endpoints that the recorded
 * server had and no transfers; set-ups bring it into the state in which the recording was made.
 */
export class Lab {
  readonly clock: ManualClock;
  readonly substitution: Substitution;
  /** The `lab_vsphere` endpoint, the source of all transfers. */
  vcenter = '';
  /** The `lab_openstack` endpoint, their destination. */
  openstack = '';
  private token = '';
  private ownTokenUntil = 0;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly generation: Generation,
    clock: ManualClock,
  ) {
    this.clock = clock;
    this.substitution = new Substitution(sandbox.url);
  }

  /** @param options above all how much faster than life the sandbox works: only what a caller really waits for depends on it */
  static async open(generation: Generation, options: SandboxOptions): Promise<Lab> {
    const clock = new ManualClock();
    const sandbox = await startSandbox({
      clock,
      generation,
      populated: false,
      platforms: PLATFORMS,
      ...options,
    });
    const lab = new Lab(sandbox, generation, clock);
    try {
      await lab.introduce();
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  async close(): Promise<void> {
    await this.sandbox.stop();
  }

  advance(seconds: number): void {
    this.clock.advance(seconds);
  }

  /** Logs in with a password. */
  async login({ user, scope }: Login): Promise<string> {
    const { name, domain, password } = this.sandbox.users[user];
    const identity = {
      methods: ['password'],
      password: { user: { name, domain: { id: domain.id }, password } },
    };
    const answer = await this.send('POST', '/v3/auth/tokens', {
      auth: {
        identity,
        ...(scope === 'unscoped' && { scope: 'unscoped' }),
        ...(scope === 'migration' && { scope: { project: { id: this.sandbox.users.migration.id } } }),
      },
    });
    return answer.headers['x-subject-token'] ?? '';
  }

  /** Logs in with one of the application credentials. */
  async loginWithCredential(kind: 'restricted' | 'unrestricted'): Promise<string> {
    const { id, secret } = this.sandbox.users[kind];
    const identity = { methods: ['application_credential'], application_credential: { id, secret } };
    const answer = await this.send('POST', '/v3/auth/tokens', { auth: { identity } });
    return answer.headers['x-subject-token'] ?? '';
  }

  /**
   * Stores a secret in Barbican from the body of a recording; from now on it stands for the recorded secret.
   * @param recorded the id of that one @returns its id
   */
  async secret(recording: string, recorded: string, token?: string): Promise<string> {
    const id = await this.storeSecret(this.bodyOf(recording), token);
    this.substitution.set(recorded, id);
    return id;
  }

  /** Stores a secret in Barbican. @returns its id */
  async storeSecret(body: Json, token?: string): Promise<string> {
    const answer = await this.send('POST', '/barbican/v1/secrets', body, token ?? (await this.ownToken()));
    const reference = String(isObject(answer.body) ? answer.body['secret_ref'] : '');
    return reference.slice(reference.lastIndexOf('/') + 1);
  }

  /** A call of Barbican by the main user, e.g. `DELETE`, `secrets/{id}`. */
  async barbican(method: string, path: string, body: unknown = null, token?: string): Promise<void> {
    await this.send(method, `/barbican/v1/${path}`, body, token ?? (await this.ownToken()));
  }

  async revoke(token: string): Promise<void> {
    await this.send('DELETE', '/v3/auth/tokens', null, token, { 'X-Subject-Token': token });
  }

  /**
   * A Coriolis call of the main user in its project, e.g. `GET`, `transfers`, in the words of the current generation whatever the server's.
   * @throws Error unless the answer is good: a set-up went wrong
   */
  async call(method: string, path: string, body: unknown = null, token?: string): Promise<Json> {
    const project = this.sandbox.users.migration.id;
    const caller = token ?? (await this.ownToken());
    const said = wordsFor(this.generation, { path, body });
    const answer = await this.send(method, `/v1/${project}/${said.path}`, said.body, caller);
    const subject = isObject(answer.body) ? Object.values(answer.body)[0] : undefined;
    return isObject(subject) ? subject : {};
  }

  /** A list, e.g. of `transfers`, as the main user sees it. */
  async list(path: string): Promise<Json[]> {
    const project = this.sandbox.users.migration.id;
    const said = wordsFor(this.generation, { path, body: null });
    const answer = await this.send('GET', `/v1/${project}/${said.path}`, null, await this.ownToken());
    const items = isObject(answer.body) ? Object.values(answer.body)[0] : undefined;
    return Array.isArray(items) ? items.filter(isObject) : [];
  }

  /** The body of another recording's request, in the sandbox's ids: the usual way to make things here. */
  bodyOf(name: string): Json {
    const body = this.substitution.value(readRecording(name).request.body);
    return isObject(body) ? body : {};
  }

  /** Makes an endpoint from the body of a recording. @returns its id */
  async endpoint(recording: string): Promise<string> {
    return String((await this.call('POST', 'endpoints', this.bodyOf(recording)))['id']);
  }

  /** Makes something from the body of a recording; from now on it stands for what the recorded server made then. @returns its id */
  async made(path: string, recording: string): Promise<string> {
    const id = String((await this.call('POST', path, this.bodyOf(recording)))['id']);
    const body = readRecording(recording).response?.body;
    const recorded = isObject(body) ? Object.values(body)[0] : undefined;
    if (isObject(recorded)) this.substitution.set(String(recorded['id']), id);
    return id;
  }

  /** Makes a `lab_vsphere` endpoint whose platform is reached like this; some hosts of the lab misbehave. @returns its id */
  endpointOf(connection: Json): Promise<string> {
    return this.endpointWith({ username: 'administrator', password: '<password>', ...connection });
  }

  /** Makes a `lab_vsphere` endpoint with exactly this connection data. @returns its id */
  async endpointWith(connection_info: Json): Promise<string> {
    const { endpoint } = this.bodyOf('endpoint-create');
    const body = { endpoint: { ...(isObject(endpoint) && endpoint), connection_info } };
    return String((await this.call('POST', 'endpoints', body))['id']);
  }

  /**
   * Makes a transfer from the body of a recording.
   * @param recording `transfer-create`: of a usual transfer, whose tasks take a second; `appcred-transfer-create`: one with quick tasks
   * @param changes other values for some of its fields
   * @returns its id
   */
  async transfer(recording: string, changes: Json = {}): Promise<string> {
    const { transfer, replica = transfer } = this.bodyOf(recording);
    const body = { transfer: { ...(isObject(replica) && replica), ...changes } };
    return String((await this.call('POST', 'transfers', body))['id']);
  }

  /** Starts an execution. @param token the main user's own when absent @returns its id */
  async execute(transfer: string, options: Json = {}, token?: string): Promise<string> {
    const body = { execution: options };
    return String((await this.call('POST', `transfers/${transfer}/executions`, body, token))['id']);
  }

  /** Starts a deployment. @returns its id */
  async deploy(transfer: string, options: Json = {}): Promise<string> {
    const deployment = { transfer_id: transfer, ...options };
    return String((await this.call('POST', 'deployments', { deployment }))['id']);
  }

  /** Lets time pass until what `path` shows is as wanted: in one of these statuses, or as a function says. */
  async until(path: string, wanted: string | ((subject: Json) => boolean)): Promise<Json> {
    const step = typeof wanted === 'string' ? STEP_TO_END_SECONDS : STEP_SECONDS;
    for (let seconds = 0; seconds < PATIENCE_SECONDS; seconds += step) {
      const subject = await this.call('GET', path);
      const status = subject['status'] ?? subject['last_execution_status'];
      if (typeof wanted === 'string' ? status === wanted : wanted(subject)) return subject;
      this.advance(step);
    }
    throw new Error(`${path} never became ${typeof wanted === 'string' ? wanted : 'as wanted'}`);
  }

  /** A token for the calls of set-ups: none of those that a recording is about. */
  private async ownToken(): Promise<string> {
    if (this.clock.now() >= this.ownTokenUntil) {
      this.token = await this.login({ user: 'demo' });
      this.ownTokenUntil = this.clock.now() + OWN_TOKEN_SECONDS * 1000;
    }
    return this.token;
  }

  private async introduce(): Promise<void> {
    const { users: people } = this.sandbox;
    this.substitution.set('351ed44ac151474599d97370df948b5e', people.migration.id);
    this.substitution.set('2845c5207e98480cb4dbe88f1eb7c5c5', people.otherProject.id);
    this.substitution.set('ba0406befa5342139cdb10deafc5441c', people.adminProject.id);
    this.substitution.set('1a1c8d6f6b0d43389740e8971010cb6b', people.demo.id);
    this.substitution.set('6520c8203535450f8b9177ac6f592e4d', people.restricted.id);
    this.substitution.set('lab-appcred', people.restricted.name);
    const folder = this.generation === 'legacy' ? 'legacy/' : '';
    this.vcenter = await this.endpoint(`${folder}endpoint-create`);
    this.openstack = await this.endpoint(`${folder}endpoint-create-destination`);
    for (const id of VCENTERS) this.substitution.set(id, this.vcenter);
    for (const id of OPENSTACKS) this.substitution.set(id, this.openstack);
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await requestOver(this.sandbox.url, {
      method,
      target: path,
      headers: {
        Accept: 'application/json',
        ...(body !== null && { 'Content-Type': 'application/json' }),
        ...withoutUndefined({ 'X-Auth-Token': token }),
        ...headers,
      },
      body: body === null ? null : JSON.stringify(body),
    });
    if (answer.status >= 300)
      throw new Error(`Set-up: ${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }
}
