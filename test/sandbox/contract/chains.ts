import { USUAL, executed, then } from './acts';
import type { SetUp } from './replay';

/**
 * What the recorded server did, one after the other, with the transfer that most recordings are about: each step is the body of the recording named
 * here, and each makes an execution of type `transfer_update`.
 */
const update = (before: SetUp, recording: string, end: 'COMPLETED' | 'ERROR'): SetUp =>
  then(before, async (lab, { transfer }) => {
    const execution = String((await lab.call('PUT', `transfers/${transfer}`, lab.bodyOf(recording)))['id']);
    await lab.until(`transfers/${transfer}/executions/${execution}`, end);
    return { execution };
  });

/** Executed, then updated: other notes, one network more, another destination option. */
export const updated: SetUp = update(executed(USUAL), 'transfer-update', 'COMPLETED');

/** The notes were changed once more. */
export const notesUpdated: SetUp = update(updated, 'transfer-update-notes-only', 'COMPLETED');

/** A third update failed: the destination platform refused it. */
export const updateRejected: SetUp = update(notesUpdated, 'transfer-update-rejected-by-provider', 'ERROR');
