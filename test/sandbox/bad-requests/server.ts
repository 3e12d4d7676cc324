import { request } from 'node:http';
import type { Generation } from '../../../sandbox/world/releases';
import { wordsFor } from '../contract/generations';
import { SandboxUser } from '../user';
import { withIds, withNames } from './exchange';
import type { Exchange, ThingIds } from './exchange';
import type { Answered } from './difference';

type Json = Record<string, unknown>;

const TIMEOUT_SPEED = 60;

/** A sandbox in the state that bad requests are sent to: a transfer executed and deployed, a region, a deallocated pool, a schedule. */
export class BadRequestServer {
  private constructor(
    private readonly user: SandboxUser,
    private readonly ids: ThingIds,
    /** Errors that were the sandbox's own fault. */
    readonly internalErrors: readonly unknown[],
  ) {}

  static async start(generation: Generation): Promise<BadRequestServer> {
    const internalErrors: unknown[] = [];
    const demo = await SandboxUser.start({
      generation,
      populated: false,
      platforms: ['lab_vsphere', 'lab_openstack'],
      speed: TIMEOUT_SPEED,
      onInternalError: (error) => internalErrors.push(error),
    });
    const user = await demo.as(demo.sandbox.connection.admin);
    const make = async (path: string, body: Json): Promise<Json> => {
      const call = wordsFor(generation, { path, body });
      const answer = await user.send('POST', `/${call.path}`, call.body);
      if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return Object.values(answer.body)[0] as Json;
    };
    const endpoint = async (name: string, type: string, host: string): Promise<string> => {
      const connection_info = { host, username: 'administrator', password: 'secret' };
      const made = await make('endpoints', {
        endpoint: { name, type, description: name, connection_info, mapped_regions: [] },
      });
      return String(made['id']);
    };
    const source = await endpoint('lab-src', 'lab_vsphere', 'vcenter.example.com');
    const destination = await endpoint('lab-dst', 'lab_openstack', 'openstack.example.com');
    const transfer = String((await make('transfers', { transfer: transferBody(source, destination) }))['id']);
    const execution = String((await make(`transfers/${transfer}/executions`, { execution: {} }))['id']);
    const pass = async (): Promise<void> => {
      for (let step = 0; step < 40; step += 1) {
        user.clock.advance(30);
        await user.send('GET', '/endpoints');
      }
    };
    await pass();
    const deployment = String((await make('deployments', { deployment: { transfer_id: transfer } }))['id']);
    await pass();
    const region = await make('regions', {
      region: { name: 'malformed-region', description: '', enabled: true },
    });
    const pool = await make('minion_pools', { minion_pool: poolBody(destination) });
    const schedule = await make(`transfers/${transfer}/schedules`, {
      schedule: { hour: 3, minute: 0 },
      enabled: false,
    });
    const services = (await user.send('GET', '/services')).body['services'] as { id: string }[];
    return new BadRequestServer(
      user,
      {
        project: user.sandbox.users.migration.id,
        source,
        destination,
        transfer,
        execution,
        deployment,
        region: String(region['id']),
        pool: String(pool['id']),
        schedule: String(schedule['id']),
        service: services[0]?.id ?? '',
      },
      internalErrors,
    );
  }

  stop(): Promise<void> {
    return this.user.stop();
  }

  /** Sends the request of an exchange. @returns the answer, with ids written as names */
  async answer(
    exchange: Pick<Exchange, 'method' | 'path' | 'query' | 'headers' | 'body'>,
  ): Promise<Answered> {
    const { method, query, body } = exchange;
    const path = withIds(exchange.path + (query === '' ? '' : `?${query}`), this.ids);
    const headers = Object.fromEntries(
      Object.entries(exchange.headers).map(([name, value]) => [
        name,
        value === '<token>' ? this.user.tokenId : value,
      ]),
    );
    const { hostname, port } = new URL(this.user.sandbox.url);
    const payload = body === null ? undefined : Buffer.from(withIds(body, this.ids));
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          method,
          hostname,
          port,
          path,
          headers: {
            ...headers,
            ...(payload ? { 'Content-Length': String(payload.length) } : {}),
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('end', () => {
            const text = withNames(Buffer.concat(pieces).toString('utf8'), this.ids);
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers['content-type'] ?? null,
              answer: parsed(text),
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}

/** A JSON value, or the text when it is none; null for nothing. */
function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const transferBody = (source: string, destination: string): Json => ({
  origin_endpoint_id: source,
  destination_endpoint_id: destination,
  instances: ['web-frontend-01'],
  source_environment: { lab_task_seconds: 0 },
  destination_environment: { migr_network: 'private', lab_task_seconds: 0 },
  network_map: { 'VM Network': 'private', Backend: 'storage-net' },
  storage_mappings: { default: 'ceph-ssd' },
  notes: 'malformed-state',
});

const poolBody = (endpoint: string): Json => ({
  name: 'malformed-pool',
  endpoint_id: endpoint,
  os_type: 'linux',
  platform: 'destination',
  environment_options: { migr_network: 'private', lab_task_seconds: 0.1 },
  minimum_minions: 1,
  maximum_minions: 1,
  minion_max_idle_time: 3600,
  minion_retention_strategy: 'delete',
  notes: 'n',
  skip_allocation: true,
});
