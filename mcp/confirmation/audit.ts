import { appendFile } from 'node:fs/promises';
import { CapabilityError, InvalidInputError, asError, isCoriolisError } from '../../src/api/errors';
import type { JsonObject } from '../../src/model/json';
import { redact } from '../../src/model/redact';
import { cut, maskSecrets, stripControls } from '../../src/model/untrusted';
import type { Effect } from '../../src/operation';
import type { Preview } from '../../src/vocabulary/preview';
import type { Means } from './confirm';
import type { Log } from '../observability/log';
import { collectRequestIds } from '../observability/traffic';

/** What a call is about to do, or was kept from doing. */
export interface AuditRecord {
  /** The same in all records of one call. */
  readonly call: string;
  /** Who calls: "local", the name of a token in the file, or the subject of an access token. */
  readonly caller: string;
  readonly client: string | undefined;
  readonly tool: string;
  readonly effect: Effect;
  readonly arguments: JsonObject;
  /** The object, as the preview showed it; destructive calls only. */
  readonly object?: Preview['subject'];
  readonly confirmation?: { readonly id: string; readonly by: Means };
}

/** The part of a result that the audit log records. */
export interface Audited {
  /** Set when nothing was done because the work was already running, or the object existed. */
  readonly already?: 'running' | 'exists' | undefined;
}

/** What one record says happened. */
type Event = 'previewed' | 'refused' | 'intent' | 'outcome';

/** Takes one line. @throws when it could not be kept */
export type Append = (line: string) => Promise<void>;

/** Lines at the end of a file that only its owner may read; each is on the disk before the call goes on. */
export const toFile =
  (path: string): Append =>
  async (line) => {
    await appendFile(path, line === '' ? '' : `${line}\n`, { mode: 0o600, flush: true });
  };

/**
 * The audit log: one JSON line a record, without secrets. A call that changes something leaves its outcome; one that
 * destroys something also leaves the intent, before anything is done, and is not done when that cannot be written.
 */
export class Audit {
  constructor(
    private readonly append: Append | undefined,
    private readonly log: Log,
    private readonly clock: () => number,
  ) {}

  /**
   * Whether it can be written to.
   * @throws {InvalidInputError} it cannot
   */
  async open(): Promise<void> {
    try {
      await this.append?.('');
    } catch (error) {
      throw new InvalidInputError(`The file of --audit cannot be written: ${reasonOf(error)}.`);
    }
  }

  /** A destructive call was answered with a preview; the confirmation ties the records of the two calls together. */
  async previewed(deed: AuditRecord): Promise<void> {
    await this.keep('previewed', deed, {});
  }

  /** A destructive call was not confirmed, or would make no sense. */
  async refused(deed: AuditRecord, error: unknown): Promise<void> {
    await this.keep('refused', deed, failure(error));
  }

  /**
   * Acts, between the records that the deed needs.
   * @throws {CapabilityError} the intent cannot be written; nothing was done
   */
  async acting<Done extends Audited>(deed: AuditRecord, act: () => Promise<Done>): Promise<Done> {
    if (deed.effect === 'destroy') await this.declare(deed);
    const begin = this.clock();
    const ids: string[] = [];
    const facts = () => ({ ms: this.clock() - begin, request_ids: ids });
    try {
      const result = await collectRequestIds(ids, act);
      const outcome = result.already === undefined ? 'done' : `already_${result.already}`;
      await this.keep('outcome', deed, { outcome, ...facts() });
      return result;
    } catch (error) {
      await this.keep('outcome', deed, { outcome: 'failed', ...failure(error), ...facts() });
      throw asError(error);
    }
  }

  private async declare(deed: AuditRecord): Promise<void> {
    try {
      await this.write('intent', deed, {});
    } catch (error) {
      this.failed(error);
      throw new CapabilityError('The audit log of this MCP server cannot be written; nothing was done.', {
        advice: 'Only the operator can help: destructive calls need the file that --audit names.',
      });
    }
  }

  /** What cannot be kept any more must not hide what happened: the log has it, and the caller gets the answer. */
  private async keep(event: Event, deed: AuditRecord, facts: JsonObject): Promise<void> {
    try {
      await this.write(event, deed, facts);
    } catch (error) {
      this.failed(error, { event, tool: deed.tool, call: deed.call });
    }
  }

  private failed(error: unknown, facts: Readonly<Record<string, string>> = {}): void {
    this.log.error('the audit log cannot be written', { ...facts, error: reasonOf(error) });
  }

  private async write(event: Event, deed: AuditRecord, facts: JsonObject): Promise<void> {
    if (this.append === undefined) return;
    const time = new Date(this.clock()).toISOString();
    const record = redact({ time, event, ...deed, ...facts });
    await this.append(JSON.stringify(record, clean));
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

const failure = (error: unknown): JsonObject => ({
  error: isCoriolisError(error) ? error.kind : 'unexpected',
  reason: cut(maskSecrets(reasonOf(error)), 500),
  ...(isCoriolisError(error) && error.requestId !== undefined ? { request_id: error.requestId } : {}),
});

/** Enough to tell what was done; nobody fills the disk with a name. */
const LONGEST_TEXT = 1000;

const clean = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? cut(stripControls(value), LONGEST_TEXT) : value;
