import type { Action, Execution } from './types';

/** The name people know a transfer or deployment by: its notes, as in the web interface, else its instances. */
export function transferName(action: Pick<Action, 'notes' | 'instances'>): string {
  const notes = action.notes?.trim() ?? '';
  return notes === '' ? action.instances.join(', ') : notes;
}

/** A time of the server as lists show it: "2026-11-22 15:44 UTC". */
export const listedTime = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** How a run is told from its neighbours: "#3" and "transfer_execution, COMPLETED, 2026-11-22 15:44 UTC". */
export function describeRun(execution: Execution): { readonly name: string; readonly detail: string } {
  return {
    name: `#${execution.number}`,
    detail: `${execution.type}, ${execution.status}, ${listedTime(execution.created_at)}`,
  };
}

/** A name of the software in the words of people: "minion pool" for `minionPool`, "live migration" for `live_migration`. */
export const inWords = (name: string): string =>
  name.replaceAll('_', ' ').replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
