import type { SandboxOptions } from '../../../sandbox/sandbox';
import { answerDifferences, seriesDifferences } from './comparison';
import type { Strictness } from './comparison';
import { requestOver } from './http';
import type { WireRequest } from './http';
import type { Lab } from './lab';
import type { Exchange, RecordedRequest, Recording, Sample } from './recording';
import { isObject } from './shape';
import { isUuid, prefixFor } from './substitution';

/** What a set-up made: who sends the recorded request, and which things of the sandbox stand for those it names. */
export interface Scene {
  /** The token of `X-Auth-Token`. When absent: of the user whom the recorded server would have expected in that project. */
  readonly token?: string;
  /** The token that the request is about (`X-Subject-Token`, or the one to be re-scoped). When absent: the same. */
  readonly subjectToken?: string;
  readonly endpoint?: string;
  readonly transfer?: string;
  readonly execution?: string;
  readonly deployment?: string;
  readonly schedule?: string;
  readonly pool?: string;
  readonly region?: string;
  readonly secret?: string;
  /** The last item of the page before. */
  readonly marker?: string;
}

/** Brings a sandbox into the state in which a recording was made. */
export interface SetUp {
  (lab: Lab): Promise<Scene>;
  /** How much faster than life the sandbox must work for it; 1 when absent. */
  readonly speed?: number;
  /** How the sandbox must be made for it. */
  readonly options?: SandboxOptions;
}

/** Which set-up each recording needs, by name. */
export type SetUps = Readonly<Record<string, SetUp>>;

/** How often a series is polled, in seconds of the sandbox's clock, and for how long at most. */
const POLL_SECONDS = 0.5;
const POLLS = 400;
/** The statuses with which polling ends: of executions, deployments and minion pools. */
const ENDS = ['COMPLETED', 'ERROR', 'CANCELED', 'ALLOCATED', 'DEALLOCATED'];

/**
 * Sets the state up, repeats the recorded request over HTTP, and compares.
 * @returns what differs from the recording, empty when it holds
 */
export async function replay(lab: Lab, recording: Recording, setUp: SetUp): Promise<string[]> {
  const scene = await setUp(lab);
  const { request, response, samples } = recording;
  const exchanges = recording.exchanges ?? (response ? [{ request, response }] : []);
  const differences: string[] = [];
  for (const exchange of exchanges) differences.push(...(await repeat(lab, exchange, scene)));
  if (!samples) return differences;
  learnIds(lab, request, scene);
  const wire = await wireRequest(lab, request, scene);
  const end = samples.at(-1)?.status;
  lab.advance((samples[0]?.t_ms ?? 0) / 1000);
  const actual = await poll(lab, wire, end);
  const comparable = recording.abridged
    ? actual.map((sample) => abridge(sample, recording.abridged ?? []))
    : actual;
  return seriesDifferences(samples, comparable, lab.substitution);
}

/** Sends a recorded request and compares the answer. What it created stands for what the recorded server created then. */
async function repeat(lab: Lab, { request, response }: Exchange, scene: Scene): Promise<string[]> {
  learnIds(lab, request, scene);
  const sent = await requestOver(lab.sandbox.url, await wireRequest(lab, request, scene));
  const actual = isObject(response.body) ? { ...sent, body: parsed(sent.body) } : sent;
  const id = idOf(actual.body);
  const recordedId = idOf(response.body);
  if (request.method === 'POST' && recordedId !== undefined && id !== undefined)
    lab.substitution.set(recordedId, id);
  return answerDifferences(response, actual, lab.substitution, strictnessFor(request));
}

/** JSON that does not say what it is: lists of logs, payloads of secrets. */
function parsed(body: unknown): unknown {
  return typeof body === 'string' ? JSON.parse(body) : body;
}

/** The id of the one thing in an answer such as `{"transfer": {…}}`. */
function idOf(body: unknown): string | undefined {
  const [thing] = isObject(body) ? Object.values(body) : [];
  const id = isObject(thing) ? thing['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Leaves only these members of the thing in a good answer. */
function abridge(sample: Sample, members: readonly string[]): Sample {
  if (sample.status !== 200 || !isObject(sample.body)) return sample;
  const kept = Object.entries(sample.body).map(([name, thing]) => {
    return [
      name,
      isObject(thing)
        ? Object.fromEntries(Object.entries(thing).filter(([key]) => members.includes(key)))
        : thing,
    ];
  });
  return { ...sample, body: Object.fromEntries(kept) };
}

/** Polls until the thing is finished or, when the recording ends with an error, until the sandbox answers with one. */
async function poll(lab: Lab, wire: WireRequest, recordedEnd: number | undefined): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < POLLS; index += 1) {
    const { status, body } = await requestOver(lab.sandbox.url, wire);
    samples.push({ t_ms: index * POLL_SECONDS * 1000, status, body });
    const subject = isObject(body) ? Object.values(body)[0] : undefined;
    const state = isObject(subject) ? (subject['status'] ?? subject['last_execution_status']) : undefined;
    const finished = ENDS.includes(String(state));
    if (status !== 200 || (finished && recordedEnd === 200)) break;
    lab.advance(POLL_SECONDS);
  }
  return samples;
}

/** The platforms of the lab are fixed; for a page or a sorted list the set-up makes what was recorded. */
function strictnessFor({ path, query }: RecordedRequest): Strictness {
  if (/\/endpoints\/[^/]+\/(?!actions)|\/providers/.test(path)) return 'values';
  const paged = /\/(transfers|executions|deployments)$/.test(path) && /\b(limit|sort_dir)=/.test(query);
  return paged ? 'list' : 'shape';
}

/** The ids in a recorded path, body or marker, from now on, mean what the set-up made. */
function learnIds(lab: Lab, request: RecordedRequest, scene: Scene): void {
  const learn = (recorded: unknown, actual: string | undefined): void => {
    if (typeof recorded === 'string' && isUuid(recorded) && actual) lab.substitution.set(recorded, actual);
  };
  const after = (collection: string): string | undefined =>
    new RegExp(`/${collection}/([^/]+)`).exec(request.path)?.[1];
  learn(after('endpoints'), scene.endpoint);
  learn(after('transfers') ?? after('replicas'), scene.transfer);
  learn(after('executions'), scene.execution);
  learn(after('deployments') ?? after('migrations'), scene.deployment);
  learn(after('schedules'), scene.schedule);
  learn(after('minion_pools'), scene.pool);
  learn(after('regions'), scene.region);
  learn(after('secrets'), scene.secret);
  learn(new URLSearchParams(request.query).get('marker'), scene.marker);
  const { deployment, migration } = isObject(request.body) ? request.body : {};
  if (isObject(deployment)) learn(deployment['transfer_id'], scene.transfer);
  if (isObject(migration)) learn(migration['replica_id'], scene.transfer);
}

async function wireRequest(lab: Lab, request: RecordedRequest, scene: Scene): Promise<WireRequest> {
  const token = scene.token ?? (await usualToken(lab, request));
  const subject = scene.subjectToken ?? token;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = value.replace('<token>', name === 'X-Subject-Token' ? subject : token);
  }
  const target = lab.substitution.text(targetOf(request)).replace('<token>', token);
  return {
    method: request.method,
    target: prefixFor(request.url) + target,
    headers,
    body: wireBody(lab, request.body, subject),
  };
}

/** Path and query. */
export function targetOf({ path, query }: RecordedRequest): string {
  return query ? `${path}?${query}` : path;
}

function wireBody(lab: Lab, body: unknown, token: string): string | null {
  if (body === null || typeof body === 'string') return body;
  return lab.substitution
    .text(JSON.stringify(withPasswords(lab, body)))
    .replace(/(.)\.\.\.\((\d+) characters\)/, (_all, one: string, count: string) => one.repeat(Number(count)))
    .replaceAll('<token>', token)
    .replaceAll('<application-credential-secret>', lab.sandbox.users.restricted.secret);
}

/** Puts the passwords back that the recordings do not show. */
function withPasswords(lab: Lab, body: unknown): unknown {
  if (!isObject(body)) return body;
  if (body['password'] === '<password>' && !('host' in body)) {
    const given = lab.substitution.value(body);
    const name = isObject(given) ? given['name'] : undefined;
    const id = isObject(given) ? given['id'] : undefined;
    const { demo, other, reader, labUser, withoutProject, admin } = lab.sandbox.users;
    const user = [demo, other, reader, labUser, withoutProject, admin].find(
      (one) => one.id === id || one.name === name,
    );
    return { ...body, password: user?.password ?? '' };
  }
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, withPasswords(lab, value)]));
}

/** The recordings were made by these users, one in each project. */
async function usualToken(lab: Lab, request: RecordedRequest): Promise<string> {
  const { users: people } = lab.sandbox;
  const path = lab.substitution.text(request.path);
  if (path.includes(people.otherProject.id)) return lab.login({ user: 'other' });
  if (path.includes(people.adminProject.id)) return lab.login({ user: 'admin' });
  return lab.login({ user: 'demo' });
}
