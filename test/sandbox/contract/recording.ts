import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Generation } from '../../../sandbox/world/releases';

/** A request as it was recorded; ids, tokens and passwords in it belong to the recorded server. */
export interface RecordedRequest {
  /** Which server it went to; Coriolis or Keystone when absent. */
  readonly url?: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value; a string stands for itself, unencoded (malformed JSON, forms); `null`: no body. */
  readonly body: unknown;
}

/** An answer: a JSON body is parsed, any other is a string, none is `null`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** One answer of a series of equal requests, `t_ms` milliseconds after the first. */
export interface Sample {
  readonly t_ms: number;
  readonly status: number;
  readonly body: unknown;
}

/** Something that happened on a WebSocket. */
export interface Frame {
  readonly direction?: 'sent' | 'received';
  /** 1: text, 9: ping. */
  readonly opcode?: number;
  readonly text?: string;
  /** The connection ended. */
  readonly closed?: string;
}

/** A request and the answer to it. */
export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: Answer;
}

/**
 * A recorded exchange (`response`), what a run of the command-line client exchanged (`exchanges`), or a series (`samples`). The folder is part of the
 * name when it is not `current`: `auth/expired-get-401`.
 */
export interface Recording {
  readonly name: string;
  /** Which server was recorded. */
  readonly generation: Generation;
  readonly description: string;
  /** Where there are several, the first that sends something. */
  readonly request: RecordedRequest;
  /** The only members of the thing polled that were written down; all of them when absent. */
  readonly abridged?: readonly string[];
  readonly response?: Answer;
  readonly exchanges?: readonly Exchange[];
  readonly samples?: readonly Sample[];
  /** What came and went over a WebSocket. */
  readonly frames?: readonly Frame[];
}

const FIXTURES = join(__dirname, '..', '..', 'fixtures', 'recordings');
const FOLDERS = ['current', 'auth', 'legacy', 'barbican', 'logger'];

/** The names of all recordings. */
export function recordingNames(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(FIXTURES, folder)).map((file) => {
      const name = file.replace(/\.json$/, '');
      return folder === 'current' ? name : `${folder}/${name}`;
    }),
  );
}

/** Reads a recording. @throws Error when there is none of this name */
export function readRecording(name: string): Recording {
  const path = name.includes('/') ? name : join('current', name);
  const parts = JSON.parse(readFileSync(join(FIXTURES, `${path}.json`), 'utf8')) as Omit<
    Recording,
    'name' | 'generation' | 'request'
  > & {
    request?: Pick<RecordedRequest, 'method' | 'path'> & Partial<RecordedRequest>;
  };
  const generation = name.startsWith('legacy/') ? 'legacy' : 'current';
  const { exchanges } = parts;
  const main = exchanges?.find(({ request }) => request.body !== null) ?? exchanges?.[0];
  if (main) return { ...main, ...parts, name, generation, request: main.request };
  if (!parts.request) throw new Error(`Recording ${name} has no request`);
  // The request of a series was recorded without headers: each was an authenticated GET.
  const headers = { Accept: 'application/json', 'X-Auth-Token': '<token>' };
  return { ...parts, name, generation, request: { query: '', headers, body: null, ...parts.request } };
}
