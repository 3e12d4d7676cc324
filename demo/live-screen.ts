import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { ProgressBar, Screen, ScreenSection, WorkflowStep } from './screen';
import { describeSeconds } from '../src/model/timestamps';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const WIDTH = 24;
const SHOWN_NOTES = 6;

/** Makes a screen for a terminal. It is redrawn in place several times a second. */
export function makeLiveScreen(stream: NodeJS.WriteStream, heading: string): Screen {
  const draw = createLogUpdate(stream);
  const sections = new Map<string, ScreenSection>();
  const notes: string[] = [];
  const started = Date.now();
  let frame = 0;

  const lines = (brief: boolean): readonly string[] => {
    const shown = [...sections.values()].map((section) => (brief ? shortenSection(section) : section));
    return [
      '',
      `${pc.bold(heading)}  ${pc.dim(clock(Date.now() - started))}`,
      ...shown.flatMap((section) => ['', ...linesOf(section, FRAMES[frame] ?? '')]),
      ...(notes.length === 0
        ? []
        : ['', ...notes.slice(-SHOWN_NOTES).map((note) => `  ${pc.cyan('•')} ${note}`)]),
      '',
    ];
  };
  const text = (): string => {
    const all = lines(false);
    return (all.length < stream.rows ? all : lines(true)).join('\n');
  };

  const timer = setInterval(() => {
    frame = (frame + 1) % FRAMES.length;
    draw(text());
  }, FRAME_MS);
  return {
    showSection: (section) => sections.set(section.title, section),
    writeLine: (line) => notes.push(line),
    close() {
      clearInterval(timer);
      draw(text());
      draw.done();
    },
  };
}

/** Shortens a section for a terminal with few lines: to running and failed steps, and the last completed one. */
function shortenSection(section: ScreenSection): ScreenSection {
  const last = section.steps.findLast(({ state }) => state === 'done');
  const steps = section.steps.filter(
    (step) => step === last || step.state === 'running' || step.state === 'failed',
  );
  return { ...section, steps };
}

const clock = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

function linesOf({ title, steps, bars }: ScreenSection, spinner: string): string[] {
  const width = Math.max(0, ...bars.map(({ name }) => name.length));
  return [
    `  ${pc.bold(title)}`,
    ...steps.map((step) => `  ${mark(step, spinner)} ${stepText(step)}`),
    ...(steps.length > 0 && bars.length > 0 ? [''] : []),
    ...bars.map((bar) => `    ${bar.name.padEnd(width)}  ${barText(bar)}`),
  ];
}

function mark({ state }: WorkflowStep, spinner: string): string {
  switch (state) {
    case 'done':
      return pc.green('✔');
    case 'failed':
      return pc.red('✖');
    case 'running':
      return pc.yellow(spinner);
    case 'waiting':
      return pc.dim('·');
  }
}

const stepText = ({ name, state, detail }: WorkflowStep): string =>
  `${state === 'waiting' ? pc.dim(name) : name}${detail === '' ? '' : `  ${pc.dim(detail)}`}`;

const colours = { running: pc.cyan, completed: pc.green, failed: pc.red, canceled: pc.yellow } as const;

function barText(bar: ProgressBar): string {
  const filled = Math.round(((bar.percent ?? 0) / 100) * WIDTH);
  const drawn = colours[bar.state]('█'.repeat(filled)) + pc.dim('░'.repeat(WIDTH - filled));
  const percent = `${bar.percent === null ? '' : bar.percent.toFixed(0)} %`.padStart(5);
  return `${drawn} ${percent}  ${pc.dim(describeProgressBar(bar))}`;
}

/** Text beside a bar: rate, time left and task. */
export function describeProgressBar({ state, ratePerMinute, etaSeconds, task }: ProgressBar): string {
  if (state !== 'running') return [state, task].filter((part) => part !== '').join(': ');
  return [
    task,
    ...(ratePerMinute === null ? [] : [`${ratePerMinute.toFixed(0)} %/min`]),
    ...(etaSeconds === null ? [] : [`about ${describeSeconds(etaSeconds)} left`]),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
