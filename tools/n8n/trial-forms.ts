// The forms with which some shipped workflows begin, filled in for the sandbox of the trial.
import type { N8nClient, WorkflowFile } from './n8n-client';

const FORM_TYPE = 'n8n-nodes-base.formTrigger';
/** Length of the window of the cutover. */
const WINDOW_MS = 8 * 3_600_000;

export const SOURCE = 'vcenter';
export const DESTINATION = 'openstack';
export const ENVIRONMENT = JSON.stringify({ migr_network: 'private' });

/** Values by the label of the field, in the order of the form; files are left out. */
export type FormValues = Readonly<Record<string, string>>;

const endpoints = { 'Origin endpoint': SOURCE, 'Destination endpoint': DESTINATION };
const map = { Networks: '*=private', 'Destination environment': ENVIRONMENT };

/** Values for the form of a workflow, by its file. @param now start of the window of the cutover */
export const makeFormValues = (now: Date): Readonly<Record<string, FormValues>> => ({
  'cutover-weekend.json': {
    'Word in the notes': 'cutover',
    'Window starts': now.toISOString(),
    'Window ends': new Date(now.getTime() + WINDOW_MS).toISOString(),
  },
  'wave-migration.json': {
    Waves: 'Wave 1: web-03\nWave 2: monitoring',
    ...endpoints,
    ...map,
    Sources: 'Keep running',
  },
  // They fit the table of `writeMachineTable`.
  'waves-from-a-spreadsheet.json': {
    Wave: 'Wave 1',
    ...endpoints,
    ...map,
    'How far': 'Cut over',
    Sources: 'Shut down before the last copy',
    'Your mail': 'you@example.com',
  },
});

/** A form that people can open. */
export interface TrialForm {
  readonly file: string;
  /** Name of its workflow. */
  readonly name: string;
  /** Address with all values filled in. */
  readonly address: string;
  readonly values: FormValues;
}

interface Field {
  readonly fieldLabel: string;
  readonly fieldType?: string;
}

const isForm = ({ type }: WorkflowFile['nodes'][number]): boolean => type === FORM_TYPE;

/**
 * Fetches the addresses of the forms of published workflows.
 * @param url of n8n
 * @throws when a form has a field, other than for a file, without a value
 */
export async function fetchTrialForms(
  n8n: Pick<N8nClient, 'call'>,
  url: string,
  workflows: ReadonlyArray<{ readonly file: string; readonly id: string; readonly name: string }>,
): Promise<TrialForm[]> {
  const known = makeFormValues(new Date());
  const withForm = workflows.filter(({ file }) => file in known);
  return await Promise.all(
    withForm.map(async ({ file, id, name }) => {
      const { nodes } = (await n8n.call('GET', `/rest/workflows/${id}`)) as WorkflowFile;
      const form = nodes.find(isForm);
      const { values: fields = [] } = (form?.parameters['formFields'] ?? {}) as { values?: Field[] };
      const values = known[file] ?? {};
      const labels = fields.filter(({ fieldType }) => fieldType !== 'file').map((field) => field.fieldLabel);
      if (form === undefined || labels.join() !== Object.keys(values).join())
        throw new Error(`The form of ${file} has the fields ${labels.join(', ')}`);
      const { webhookId } = form as { readonly webhookId?: string };
      const address = `${url}/form/${webhookId}?${new URLSearchParams(values).toString()}`;
      return { file, name, address, values };
    }),
  );
}
