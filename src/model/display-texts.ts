import { parseMigrationPlan } from './migration-plan';
import { executionTypeLabelOf } from './status';
import type { TransferOrDeployment, Execution } from './api-objects';
import { parseWaveNote } from './wave-note';

/**
 * Display name of a transfer or deployment: its notes, as in the web interface, else its instances. The bracketed text
 * that migrations and waves append to the notes (`MigrationPlan`, `WaveNote`) is left out.
 */
export function displayNameOf({
  notes,
  instances,
}: Pick<TransferOrDeployment, 'notes' | 'instances'>): string {
  const text = (parseMigrationPlan(notes) ?? parseWaveNote(notes))?.notes ?? notes?.trim() ?? '';
  return text === '' ? instances.join(', ') : text;
}

/** Type and number of an execution: "Transfer execution (replica sync) #3". */
export const formatExecutionTypeAndNumber = ({ type, number }: Pick<Execution, 'type' | 'number'>): string =>
  `${executionTypeLabelOf(type)} #${number}`;

/** Formats a server's time for lists: "2026-11-22 15:44 UTC". */
export const formatServerTime = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** Name and description of an execution in a list: "#3" and "transfer_execution, COMPLETED, 2026-11-22 15:44 UTC". */
export function makeExecutionNameAndDetail(execution: Execution): {
  readonly name: string;
  readonly detail: string;
} {
  return {
    name: `#${execution.number}`,
    detail: `${execution.type}, ${execution.status}, ${formatServerTime(execution.created_at)}`,
  };
}

/** Converts an identifier to words: "minion pool" for `minionPool`, "live migration" for `live_migration`. */
export const toWords = (name: string): string =>
  name.replaceAll('_', ' ').replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);

/** Formats a count with its noun: "1 transfer", "2 transfers". */
export const formatCount = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;
