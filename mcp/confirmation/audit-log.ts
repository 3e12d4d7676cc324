import { appendFile } from 'node:fs/promises';
import { CapabilityError, InvalidInputError, asError, isCoriolisError } from '../../src/api/errors';
import type { JsonObject } from '../../src/model/json';
import { redact } from '../../src/model/redact-object';
import { truncate, maskSecrets, toSingleLine } from '../../src/model/untrusted-text';
import type { Effect } from '../../src/operation';
import type { Preview } from '../../src/vocabulary/preview';
import type { ConfirmationMethod } from './confirmation-tokens';
import type { Log } from '../observability/log';
import { runAndCollectRequestIds } from '../observability/request-ids';

/** Facts about a changing call that all its records in the audit log contain. */
export interface AuditedCall {
  /** Id of the call; equal in all its records. */
  readonly call: string;
  /** Subject of the caller: `local`, `anybody`, `file:<name of the token>` or `oauth:<subject of the token>`. */
  readonly caller: string;
  readonly client: string | undefined;
  readonly tool: string;
  readonly effect: Effect;
  readonly arguments: JsonObject;
  /** The object, as the preview showed it; destructive calls only. */
  readonly object?: Preview['subject'];
  readonly confirmation?: { readonly id: string; readonly by: ConfirmationMethod };
}

/** The part of a result that the audit log records. */
export interface AuditedResult {
  /** Set when nothing was done because the work was already running, or the object existed. */
  readonly already?: 'running' | 'exists' | undefined;
}

/** Event that a record reports. */
type AuditEvent = 'previewed' | 'refused' | 'intent' | 'outcome';

/** Appends one line, or nothing for an empty one, which tests the file. @throws when it cannot be written */
export type LineAppender = (line: string) => Promise<void>;

/** Appends lines to a file with mode 0600 and flushes each to the disk. */
export const makeFileAppender =
  (path: string): LineAppender =>
  async (line) => {
    await appendFile(path, line === '' ? '' : `${line}\n`, { mode: 0o600, flush: true });
  };

/**
 * The audit log: one JSON line for each record, without secrets. A changing call records its outcome. A destructive
 * call also records its intent first, and is refused when that cannot be written.
 */
export class AuditLog {
  constructor(
    private readonly append: LineAppender | undefined,
    private readonly log: Log,
    private readonly clock: () => number,
  ) {}

  /**
   * Tests whether the log can be written.
   * @throws {InvalidInputError} it cannot be written
   */
  async requireWritable(): Promise<void> {
    try {
      await this.append?.('');
    } catch (error) {
      throw new InvalidInputError(`The file of --audit cannot be written: ${reasonOf(error)}.`);
    }
  }

  /** Records a preview. The records of the confirmed call have the same confirmation id. */
  async recordPreview(record: AuditedCall): Promise<void> {
    await this.tryRecord('previewed', record, {});
  }

  /** Records a destructive call that was refused. */
  async recordRefusal(record: AuditedCall, error: unknown): Promise<void> {
    await this.tryRecord('refused', record, failureFacts(error));
  }

  /**
   * Records the intent of a change, runs it, and records its outcome.
   * @throws {CapabilityError} the intent cannot be written; nothing was done
   */
  async runAndRecordChange<Done extends AuditedResult>(
    record: AuditedCall,
    act: () => Promise<Done>,
  ): Promise<Done> {
    if (record.effect === 'destroy') await this.recordIntent(record);
    const begin = this.clock();
    const ids: string[] = [];
    const facts = () => ({ ms: this.clock() - begin, request_ids: ids });
    try {
      const result = await runAndCollectRequestIds(ids, act);
      const outcome = result.already === undefined ? 'done' : `already_${result.already}`;
      await this.tryRecord('outcome', record, { outcome, ...facts() });
      return result;
    } catch (error) {
      await this.tryRecord('outcome', record, { outcome: 'failed', ...failureFacts(error), ...facts() });
      throw asError(error);
    }
  }

  private async recordIntent(record: AuditedCall): Promise<void> {
    try {
      await this.write('intent', record, {});
    } catch (error) {
      this.logFailure(error);
      throw new CapabilityError('The audit log of this MCP server cannot be written; nothing was done.', {
        advice: 'Only the operator can help: destructive calls need the file that --audit names.',
      });
    }
  }

  /** Writes a record that must not stop a call: when it cannot be written, that is only logged. */
  private async tryRecord(event: AuditEvent, record: AuditedCall, facts: JsonObject): Promise<void> {
    try {
      await this.write(event, record, facts);
    } catch (error) {
      this.logFailure(error, { event, tool: record.tool, call: record.call });
    }
  }

  private logFailure(error: unknown, facts: Readonly<Record<string, string>> = {}): void {
    this.log.error('the audit log cannot be written', { ...facts, error: reasonOf(error) });
  }

  private async write(event: AuditEvent, record: AuditedCall, facts: JsonObject): Promise<void> {
    if (this.append === undefined) return;
    const time = new Date(this.clock()).toISOString();
    const line = redact({ time, event, ...record, ...facts });
    await this.append(JSON.stringify(line, clean));
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

const failureFacts = (error: unknown): JsonObject => ({
  error: isCoriolisError(error) ? error.kind : 'unexpected',
  reason: truncate(maskSecrets(reasonOf(error)), 500),
  ...(isCoriolisError(error) && error.requestId !== undefined ? { request_id: error.requestId } : {}),
});

/** Maximum length of a text in a record. */
const MAX_TEXT_LENGTH = 1000;

const clean = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? truncate(toSingleLine(value), MAX_TEXT_LENGTH) : value;
