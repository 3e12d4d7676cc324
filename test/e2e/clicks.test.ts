import { printLine } from '../../tools/install.mjs';
import { makeOpenAction, isVisible, type Locator, type PageAction } from '../../tools/n8n/browser';
import { byTestId, openBrowserPage, type BrowserPage } from '../../tools/n8n/n8n-editor';
import { startTrial, type Trial } from '../../tools/n8n/trial';
import { until } from '../support/until';
import { N8N_PACE, shared } from './lab';

/** Clicks that a person needs who has what `npm run n8n` prints: from the login page, or an address, to the result. */

let trial: Trial;
const open: BrowserPage[] = [];

beforeAll(async () => {
  trial = await startTrial({ packed: shared().packed, speed: 600 });
});
afterAll(async () => {
  for (const { close } of open) await close();
  await trial.stop();
});

/** A person at a browser, whose clicks are counted. Typing, pasting and opening an address are none. */
class Person {
  readonly clicks: string[] = [];
  private readonly satDownAt = Date.now();

  private constructor(private readonly browser: BrowserPage) {}

  static async sitsDown(): Promise<Person> {
    const browser = await openBrowserPage();
    open.push(browser);
    return new Person(browser);
  }

  /** Prints how many clicks and seconds a goal took. */
  isDone(goal: string): void {
    const seconds = Math.round((Date.now() - this.satDownAt) / 1000);
    printLine(`${goal}: ${this.clicks.length} clicks, ${seconds} s`);
  }

  get page(): BrowserPage['page'] {
    return this.browser.page;
  }

  /** An action that is repeated until its effect is seen, and is one click however often. */
  async click(what: string, target: Locator, isDone: PageAction['isDone']): Promise<void> {
    this.clicks.push(what);
    await this.browser.act({ what, act: () => target.first().click(), isDone });
  }

  async goesTo(address: string, shown: Locator): Promise<void> {
    await this.browser.act({
      what: `open ${address}`,
      act: makeOpenAction(this.page, address),
      isDone: isVisible(shown),
    });
  }

  async logsIn(): Promise<void> {
    const { email, password } = trial.n8n.owner;
    const name = this.page.locator('input[type=email], input[autocomplete=email]').first();
    await this.goesTo(`${trial.n8n.url}/home/workflows`, name);
    await name.fill(email);
    await this.page.locator('input[type=password]').fill(password);
    await this.click('Sign in', this.page.locator('button:has-text("Sign in")'), () =>
      Promise.resolve(this.page.url().includes('/home/')),
    );
  }

  async opens(name: string): Promise<void> {
    const card = this.page.locator(`${byTestId('workflow-card-name')}:has-text("${name}")`);
    await this.click(name, card, isVisible(this.page.locator(byTestId('canvas-node'))));
  }

  /** Clicks *Execute workflow*. @returns the id of the execution */
  async executes(file: string): Promise<void> {
    const { id } = trial.workflows.find((one) => one.file === file) ?? { id: '' };
    const before = (await trial.n8n.fetchExecutions(id)).length;
    await this.click('Execute workflow', this.page.locator(byTestId('execute-workflow-button')), async () => {
      const executions = await trial.n8n.fetchExecutions(id);
      return executions.length > before;
    });
    const ended = await until(
      `the end of ${file}`,
      async () => (await trial.n8n.fetchExecutions(id))[0]?.status,
      (status) => status !== undefined && !['new', 'running', 'waiting'].includes(status),
      N8N_PACE,
    );
    expect(ended).toBe('success');
  }

  /** @param explanation what n8n shows after the workflow is published, if it does */
  async publishes(explanation?: Locator): Promise<void> {
    const confirm = this.page.locator(byTestId('workflow-publish-button'));
    await this.click(
      'Publish',
      this.page.locator(byTestId('workflow-open-publish-modal-button')),
      isVisible(confirm),
    );
    const isPublished =
      explanation === undefined ? async () => (await confirm.count()) === 0 : isVisible(explanation);
    await this.click('Publish (in the dialog)', confirm, isPublished);
  }
}

test('a first sync takes 3', async () => {
  const person = await Person.sitsDown();
  await person.logsIn();
  await person.opens('Migrate a VM');
  await person.executes('migrate-a-vm.json');

  person.isDone('a first sync');
  expect(person.clicks).toEqual(['Sign in', 'Migrate a VM', 'Execute workflow']);
});

test('a nightly sync with an alert takes 10', async () => {
  const person = await Person.sitsDown();
  await person.logsIn();
  await person.opens('Nightly replica sync');
  await person.executes('nightly-replica-sync.json');
  // n8n explains what a schedule does once it is published.
  const gotIt = person.page.locator('[role=dialog] button:has-text("Got it")');
  await person.publishes(gotIt);
  await person.click('Got it', gotIt, async () => (await gotIt.count()) === 0);
  await person.click(
    'Overview',
    person.page.locator(byTestId('project-home-menu-item')),
    isVisible(person.page.locator(byTestId('workflow-card-name'))),
  );
  await person.opens('Alert on finished executions');
  await person.publishes();

  person.isDone('a nightly sync with an alert');
  expect(person.clicks).toHaveLength(10);
});

test('a wave from a spreadsheet takes 8', async () => {
  const person = await Person.sitsDown();
  const { page } = person;
  const submit = page.locator('#submit-btn, button[type=submit]');
  const form = trial.forms.find(({ file }) => file === 'waves-from-a-spreadsheet.json');
  await person.goesTo(form?.address ?? '', submit);
  // The button of the field and the file in the dialog of the system.
  person.clicks.push('Choose File', 'machines.xlsx');
  await page.locator('input[type=file]').setInputFiles(trial.table);
  const known = (await trial.mail.fetchMails()).length;
  await person.click('Submit', submit, async () => (await trial.mail.fetchMails()).length > known);

  const entry = page.locator('text=Coriolis: move Wave 1?').first();
  await person.goesTo(trial.mail.url, entry);
  const frame = page.frameLocator('iframe');
  const link = frame.locator('a[href*="webhook-waiting"]');
  await person.click('the mail', entry, isVisible(link));
  // The link opens a tab of its own.
  const address = await link.first().getAttribute('href');
  person.clicks.push('the link');
  await person.goesTo(String(address), submit);
  const decision = page.locator('select').first();
  person.clicks.push('the decision', 'Move these machines');
  await decision.selectOption('Move these machines');
  for (const field of [1, 2]) await page.locator(`[name="field-${field}"]`).fill('Ada');
  await person.click('Submit', submit, async () =>
    (await trial.mail.fetchMails()).some(({ subject }) =>
      subject.includes('Wave 1, 2 of 2 machines through'),
    ),
  );

  person.isDone('a wave from a spreadsheet');
  expect(person.clicks).toHaveLength(8);
});
