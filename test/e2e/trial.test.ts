import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nExecution } from '../../tools/n8n/n8n-client';
import type { CaughtMail } from '../../tools/n8n/mail-catcher';
import type { TrialForm } from '../../tools/n8n/trial-forms';
import type { TrialWorkflow } from '../../tools/n8n/trial-set-up';
import { startTrial, type Trial } from '../../tools/n8n/trial';
import { shared } from './lab';

/** `npm run n8n`: each workflow, as it is set up there, runs with one click; approvals are given in the mails. */

/** Longer than the trigger's interval of a minute, on a machine that is busy. */
const WAIT_MS = 600_000;

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial({ packed: shared().packed, speed: 600 });
});
afterAll(() => trial.stop());

/** Waits until `look` finds something. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${WAIT_MS / 1000} s`);
    await sleep(250);
  }
}

function workflowOf(file: string): TrialWorkflow {
  const found = trial.workflows.find((one) => one.file === file);
  if (found === undefined) throw new Error(`there is no ${file}`);
  return found;
}

/** Clicks *Execute workflow* and returns the id of the execution. */
async function click(file: string): Promise<string> {
  const { id } = workflowOf(file);
  const workflowData = (await trial.n8n.call('GET', `/rest/workflows/${id}`)) as {
    readonly nodes: readonly { readonly name: string; readonly type: string }[];
  };
  const start = workflowData.nodes.find(({ type }) => /trigger$/iu.test(type));
  const answer = (await trial.n8n.call('POST', `/rest/workflows/${id}/run`, {
    workflowData,
    triggerToStartFrom: { name: start?.name },
  })) as { readonly executionId: string };
  return answer.executionId;
}

function formOf(file: string): TrialForm {
  const found = trial.forms.find((one) => one.file === file);
  if (found === undefined) throw new Error(`${file} has no form`);
  return found;
}

/** Sends the form as it is filled in, with a file before its other fields or none. @returns the id of the execution */
async function submit(
  file: string,
  upload?: { readonly name: string; readonly content: Buffer },
): Promise<string> {
  const { address, values } = formOf(file);
  const form = new FormData();
  if (upload !== undefined) form.set('field-0', new Blob([new Uint8Array(upload.content)]), upload.name);
  const first = upload === undefined ? 0 : 1;
  Object.values(values).forEach((value, index) => form.set(`field-${index + first}`, value));
  await until('the form', async () => {
    const answer = await fetch(address, { method: 'POST', body: form });
    return answer.ok ? answer : undefined;
  });
  const { id } = workflowOf(file);
  return await until('an execution', async () => (await trial.n8n.fetchExecutions(id))[0]?.id);
}

/** Waits until an execution has one of these statuses. */
const reached = (execution: string, ...statuses: readonly string[]): Promise<N8nExecution> =>
  until(`"${statuses.join('" or "')}" of execution ${execution}`, async () => {
    const found = await trial.n8n.fetchExecution(execution);
    return statuses.includes(found.status) ? found : undefined;
  });

/** Waits until an execution waits for a form; its link works only then. */
async function asks(execution: string): Promise<void> {
  const found = await reached(execution, 'waiting', 'success', 'error', 'crashed');
  expect([found.status, found.error?.message]).toEqual(['waiting', undefined]);
}

/** Waits for the end of an execution: all is well, or its error. */
async function ended(execution: string): Promise<N8nExecution> {
  const end = await reached(execution, 'success', 'error', 'crashed', 'canceled');
  expect([end.status, end.error?.message]).toEqual(['success', undefined]);
  return end;
}

async function mailAbout(subject: string): Promise<CaughtMail> {
  let all: readonly CaughtMail[] = [];
  try {
    return await until(`a mail about "${subject}"`, async () => {
      all = await trial.mail.fetchMails();
      return all.find((one) => one.subject.includes(subject));
    });
  } catch (error) {
    throw new Error(`there is no mail about "${subject}", but ${JSON.stringify(all, undefined, 2)}`, {
      cause: error,
    });
  }
}

/** Opens the form of a mail in the way of a person, and sends a decision. */
async function decide({ html }: CaughtMail, decision: string): Promise<void> {
  const link = /href="([^"]*webhook-waiting[^"]*)"/u.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  expect(link.startsWith(`${trial.n8n.url}/`)).toBe(true);
  expect(await (await fetch(link)).text()).toContain(decision);
  const form = new FormData();
  form.set('field-0', decision);
  form.set('field-1', 'Ada');
  form.set('field-2', 'CHG-1');
  expect((await fetch(link, { method: 'POST', body: form })).ok).toBe(true);
}

let parked: string;
test(
  'park-and-resume.json waits, and holds no worker meanwhile',
  async () => {
    parked = await click('park-and-resume.json');
    await reached(parked, 'waiting', 'success');
  },
  WAIT_MS,
);

test.each([
  ['alert-on-finished-executions.json'],
  ['dr-failover-drill.json'],
  ['failure-triage-agent.json'],
  ['inventory-to-spreadsheet.json'],
  ['migrate-a-vm.json'],
  ['nightly-replica-sync.json'],
])(
  '%s ends well with one click',
  async (file) => {
    await ended(await click(file));
  },
  WAIT_MS,
);

test(
  'their mails have arrived',
  async () => {
    await mailAbout('Coriolis failover drill: 2 of 2 replicas');
    await mailAbout('Coriolis: execution of db-01 failed');
    const { attachments } = await mailAbout('Coriolis inventory of');
    expect(attachments).toEqual([expect.stringMatching(/\.csv$/u)]);
  },
  WAIT_MS,
);

test(
  'cutover-weekend.json goes on after the approval in its mail',
  async () => {
    const execution = await submit('cutover-weekend.json');
    await asks(execution);
    await decide(await mailAbout('Coriolis cutover of 2 replicas: go?'), 'Go');
    const end = await ended(execution);
    expect(end.rows('Cut over')[0]).toMatchObject({ outcome: 'completed', done: 2 });
    await mailAbout('Coriolis cutover: 2 of 2 done');
  },
  2 * WAIT_MS,
);

test(
  'wave-migration.json asks before each wave',
  async () => {
    const execution = await submit('wave-migration.json');
    for (const wave of ['Wave 1', 'Wave 2']) {
      const question = await mailAbout(`Coriolis: migrate ${wave}?`);
      await asks(execution);
      await decide(question, 'Migrate this wave');
    }
    await ended(execution);
  },
  2 * WAIT_MS,
);

test(
  'waves-from-a-spreadsheet.json takes the table and the values that are printed',
  async () => {
    const content = readFileSync(trial.table);
    const execution = await submit('waves-from-a-spreadsheet.json', { name: 'machines.xlsx', content });
    const question = await mailAbout('Coriolis: move Wave 1?');
    await asks(execution);
    await decide(question, 'Move these machines');
    const { attachments } = await mailAbout('Coriolis: Wave 1, 2 of 2 machines through');
    expect(attachments).toContainEqual(expect.stringMatching(/\.html$/u));
  },
  2 * WAIT_MS,
);

test(
  'park-and-resume.json was woken by its own trigger, which looks once a minute',
  async () => {
    await ended(parked);
  },
  2 * WAIT_MS,
);
