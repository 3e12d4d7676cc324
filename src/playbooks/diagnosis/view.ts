import { out, type OutputOf } from '../../vocabulary/shape';

export const diagnosisShape = {
  kind: out.text('execution or deployment'),
  id: out.text('Its id'),
  transfer_id: out.text('Transfer id; null for a direct migration', { nullable: true }),
  status: out.text('Status'),
  outcome: out.text('completed, failed or canceled; null while it is not over', { nullable: true }),
  summary: out.text('The finding in one or two sentences', { untrusted: true }),
  cause: out.object(
    'What failed first; null when nothing did or nothing tells',
    {
      instance: out.text('Machine', { nullable: true, untrusted: true }),
      task_type: out.text('Task', { nullable: true }),
      side: out.text('Where to look: source, destination, both or guest', { nullable: true }),
      message: out.text('The error in the words of provider or guest', { untrusted: true }),
    },
    { nullable: true },
  ),
  known_error: out.object(
    'What the catalogue of known errors says; null when it does not know the text',
    {
      id: out.text('Name of the entry'),
      title: out.text('What it is'),
      explanation: out.text('Why it happens'),
      remedy: out.text('What to do'),
      retry: out.text('yes, after_fix or no'),
      document: out.text('Page of the Coriolis documentation', { nullable: true }),
    },
    { nullable: true },
  ),
  context: out.object('What the failing task said last', {
    last_event: out.text('Last warning or error', { nullable: true, untrusted: true }),
    last_progress: out.text('Last progress message', { nullable: true, untrusted: true }),
  }),
  follow_ups: out.texts('What failed or was not done in consequence', { untrusted: true }),
  leftovers: out.texts('What may have stayed on the platforms', { untrusted: true }),
  next_steps: out.texts('What to do, in this order'),
};

/** Why a run failed, and what to do. Small enough for a model: at most 800 tokens. */
export type Diagnosis = OutputOf<typeof diagnosisShape>;
