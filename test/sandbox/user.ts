import { withoutUndefined } from '../../src/model/json';
import { startSandbox } from '../../sandbox/sandbox';
import type { SandboxLogin, Sandbox, SandboxOptions } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';

/** An answer of the sandbox. Bodies are whatever JSON came: tests say what they expect of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type Json = Record<string, unknown>;

export interface Task {
  readonly id: string;
  readonly task_type: string;
  readonly status: string;
  readonly instance: string;
  readonly index: number;
  readonly on_error: boolean;
  readonly depends_on: string[] | null;
  readonly exception_details: string | null;
  readonly progress_updates: { id: string; current_step: number; total_steps: number; message: string }[];
}

export interface Execution {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly number: number;
  readonly updated_at: string | null;
  readonly tasks: Task[];
}

export interface Transfer extends Json {
  readonly id: string;
  readonly last_execution_status: string;
  readonly updated_at: string | null;
}

export interface Deployment extends Json {
  readonly id: string;
  readonly last_execution_status: string;
  readonly deployer_id: string | null;
  readonly tasks?: Task[];
}

/** A logged-in user of a sandbox whose clock the test moves. */
export class SandboxUser {
  private constructor(
    readonly sandbox: Sandbox,
    readonly clock: ManualClock,
    readonly tokenId: string,
    private readonly base: string,
  ) {}

  static async start(options: SandboxOptions = {}): Promise<SandboxUser> {
    const clock = new ManualClock();
    const sandbox = await startSandbox({ clock, ...options });
    return SandboxUser.login(sandbox, clock, sandbox.connection);
  }

  static async login(
    sandbox: Sandbox,
    clock: ManualClock,
    { username, password, project }: SandboxLogin,
  ): Promise<SandboxUser> {
    const user = { name: username, domain: { name: 'Default' }, password };
    return SandboxUser.authenticate(sandbox, clock, {
      identity: { methods: ['password'], password: { user } },
      scope: { project: { name: project, domain: { name: 'Default' } } },
    });
  }

  /** The same sandbox, entered with other credentials. */
  as(login: SandboxLogin): Promise<SandboxUser> {
    return SandboxUser.login(this.sandbox, this.clock, login);
  }

  /** The same sandbox, entered with an application credential. */
  withApplicationCredential(): Promise<SandboxUser> {
    const { id, secret } = this.sandbox.users.unrestricted;
    const identity = { methods: ['application_credential'], application_credential: { id, secret } };
    return SandboxUser.authenticate(this.sandbox, this.clock, { identity });
  }

  private static async authenticate(sandbox: Sandbox, clock: ManualClock, auth: Json): Promise<SandboxUser> {
    const response = await fetch(`${sandbox.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    const { token } = (await response.json()) as { token: { project: { id: string } } };
    const base = `${sandbox.url}/v1/${token.project.id}`;
    return new SandboxUser(sandbox, clock, response.headers.get('X-Subject-Token') ?? '', base);
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        Accept: 'application/json',
        'X-Auth-Token': this.tokenId,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? (JSON.parse(text) as Json) : {},
    };
  }

  /** A request to anything on the sandbox's address, with this user's token. */
  ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.sandbox.url + path, {
      method,
      headers: { 'X-Auth-Token': this.tokenId, ...headers },
      ...withoutUndefined({ body }),
    });
  }

  async get<T>(path: string, key: string): Promise<T> {
    return (await this.send('GET', path)).body[key] as T;
  }

  message(answer: Answer): string {
    return (answer.body['error'] as { message: string }).message;
  }

  /** Creates a transfer between the two endpoints that the project begins with. */
  async createTransfer(instances: string[], more: Json = {}): Promise<Transfer> {
    const endpoints = await this.get<{ id: string; type: string }[]>('/endpoints', 'endpoints');
    const idOf = (type: string): string | undefined => endpoints.find((one) => one.type === type)?.id;
    const answer = await this.send('POST', '/transfers', {
      transfer: {
        origin_endpoint_id: idOf('vmware_vsphere'),
        destination_endpoint_id: idOf('openstack'),
        instances,
        destination_environment: { migr_network: 'private' },
        network_map: { 'VM Network': 'private', Backend: 'storage-net' },
        ...more,
      },
    });
    return answer.body['transfer'] as Transfer;
  }

  async execute(transferId: string, options: Json = {}): Promise<Execution> {
    const answer = await this.send('POST', `/transfers/${transferId}/executions`, { execution: options });
    return answer.body['execution'] as Execution;
  }

  execution(transferId: string, id: string): Promise<Execution> {
    return this.get(`/transfers/${transferId}/executions/${id}`, 'execution');
  }

  /** Lets time pass until the execution has that status. */
  async until(transferId: string, id: string, status: string, stepSeconds = 5): Promise<Execution> {
    for (let step = 0; step < 2000; step += 1) {
      const execution = await this.execution(transferId, id);
      if (execution.status === status) return execution;
      this.clock.advance(stepSeconds);
    }
    throw new Error(`The execution never became ${status}`);
  }

  /** A transfer that has been executed once, with success. */
  async syncedTransfer(instances: string[], more: Json = {}): Promise<Transfer> {
    const { id } = await this.createTransfer(instances, more);
    const execution = await this.execute(id);
    await this.until(id, execution.id, 'COMPLETED', 60);
    return this.get(`/transfers/${id}`, 'transfer');
  }
}
