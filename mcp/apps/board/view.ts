import { isObject, type JsonObject } from '../../../src/model/json';
import { drawResult, type ResultDrawing } from './draw-result';
import { connectHost, type Host } from './host';

/** Milliseconds between two polls while work is running. A poll is one call of a read-only tool. */
const PAUSE_MS = 15_000;
/** Maximum number of consecutive failed polls; then the view stops. */
const MAX_FAILURES = 3;

const place = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no ${id}`);
  return element;
};

const drawing = place('drawing');
const line = place('line');
const button = place('refresh') as HTMLButtonElement;

let host: Host | undefined;
let given: JsonObject = {};
let drawn: ResultDrawing | undefined;
let failures = 0;
let isLooking = false;
let timer: number | undefined;

function say(text: string): void {
  line.textContent = text;
}

/**
 * Structured content of a tool result, or the same JSON parsed from its text where the host drops `structuredContent`.
 */
function structuredOf({ structuredContent, content }: JsonObject): JsonObject {
  if (isObject(structuredContent)) return structuredContent;
  const [first] = Array.isArray(content) ? content.filter(isObject) : [];
  try {
    const parsed: unknown = JSON.parse(typeof first?.['text'] === 'string' ? first['text'] : '{}');
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function show(result: JsonObject): void {
  const structured = structuredOf(result);
  const data = isObject(structured['result']) ? structured['result'] : structured;
  const made = result['isError'] === true ? undefined : drawResult(data, given, new Date().toISOString());
  if (made === undefined) {
    say(typeof structured['summary'] === 'string' ? structured['summary'] : 'There is nothing to draw.');
    return;
  }
  drawn = made;
  // The markup is our own; texts of the server in it are escaped.
  drawing.innerHTML = made.drawing.markup;
  say(typeof structured['summary'] === 'string' ? structured['summary'] : '');
  button.hidden = host?.callsTools !== true || made.refresh === undefined;
  plan();
}

function plan(): void {
  window.clearTimeout(timer);
  if (drawn?.isBusy === true && !button.hidden && failures < MAX_FAILURES) {
    timer = window.setTimeout(() => void look(), PAUSE_MS);
  }
}

async function look(): Promise<void> {
  const call = drawn?.refresh;
  if (host === undefined || call === undefined || isLooking) return;
  if (document.hidden) {
    plan();
    return;
  }
  isLooking = true;
  button.disabled = true;
  try {
    const result = await host.callTool(call.tool, call.arguments);
    failures = result['isError'] === true ? failures + 1 : 0;
    show(result);
  } catch (error) {
    failures += 1;
    say(`Not refreshed: ${error instanceof Error ? error.message : String(error)}`);
    plan();
  } finally {
    isLooking = false;
    button.disabled = false;
  }
}

async function start(): Promise<void> {
  const early: JsonObject[] = [];
  host = await connectHost(window, {
    onInput: (next) => {
      given = next;
    },
    onResult: (result) => (host === undefined ? early.push(result) : show(result)),
    onCanceled: () => say('The call was canceled.'),
    onTheme: (theme) => {
      if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
    },
    onEnd: () => window.clearTimeout(timer),
  });
  button.addEventListener('click', () => {
    failures = 0;
    void look();
  });
  new ResizeObserver(() => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    host?.resized(Math.ceil(width), Math.ceil(height));
  }).observe(document.documentElement);
  early.forEach(show);
}

start().catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
