import { key, type OutputOf } from '../../vocabulary/result-keys';

export const diagnosisShape = {
  kind: key.text('execution or deployment'),
  id: key.text('Its id'),
  transfer_id: key.text('Transfer id; null for a direct migration', { nullable: true }),
  status: key.text('Status'),
  outcome: key.text('completed, failed or canceled; null while it is not over', { nullable: true }),
  summary: key.text('The finding in one or two sentences', { untrusted: true }),
  cause: key.object(
    'What failed first; null when nothing did or nothing tells',
    {
      instance: key.text('Machine', { nullable: true, untrusted: true }),
      task_type: key.text('Task', { nullable: true }),
      side: key.text('Where to look: source, destination, both or guest', { nullable: true }),
      message: key.text('The error in the words of provider or guest', { untrusted: true }),
    },
    { nullable: true },
  ),
  known_error: key.object(
    'What the catalogue of known errors says; null when it does not know the text',
    {
      id: key.text('Name of the entry'),
      title: key.text('What it is'),
      explanation: key.text('Why it happens'),
      remedy: key.text('What to do'),
      retry: key.text('yes, after_fix or no'),
      document: key.text('Page of the Coriolis documentation', { nullable: true }),
    },
    { nullable: true },
  ),
  context: key.object('What the failing task said last', {
    last_event: key.text('Last warning or error', { nullable: true, untrusted: true }),
    last_progress: key.text('Last progress message', { nullable: true, untrusted: true }),
  }),
  follow_ups: key.texts('What failed or was not done in consequence', { untrusted: true }),
  leftovers: key.texts('What may have stayed on the platforms', { untrusted: true }),
  next_steps: key.texts('What to do, in this order'),
};

/** Diagnosis of a failed run: cause, remedy, next steps. At most 800 tokens. */
export type Diagnosis = OutputOf<typeof diagnosisShape>;
