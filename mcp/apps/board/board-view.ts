import { isObject, type JsonObject } from '../../../src/model/json';
import { drawResult, type ResultDrawing } from './draw-result';
import { connectToHost, type HostConnection } from './connect-to-host';

/** Milliseconds between two polls while work is running. A poll is one call of a read-only tool. */
const POLL_INTERVAL_MS = 15_000;
/** Maximum number of consecutive failed polls. After them the view polls no more, until somebody presses Refresh. */
const MAX_FAILURES = 3;

const elementById = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no ${id}`);
  return element;
};

const drawing = elementById('drawing');
const statusLine = elementById('line');
const refreshButton = elementById('refresh') as HTMLButtonElement;

let host: HostConnection | undefined;
let given: JsonObject = {};
let drawn: ResultDrawing | undefined;
let failures = 0;
let isPolling = false;
let timer: number | undefined;

function showStatus(text: string): void {
  statusLine.textContent = text;
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

function showResult(result: JsonObject): void {
  const structured = structuredOf(result);
  const data = isObject(structured['result']) ? structured['result'] : structured;
  const made = result['isError'] === true ? undefined : drawResult(data, given, new Date().toISOString());
  if (made === undefined) {
    showStatus(
      typeof structured['summary'] === 'string' ? structured['summary'] : 'There is nothing to draw.',
    );
    return;
  }
  drawn = made;
  // This markup is made by src/pictures, which escapes all texts of the server.
  drawing.innerHTML = made.drawing.markup;
  showStatus(typeof structured['summary'] === 'string' ? structured['summary'] : '');
  refreshButton.hidden = host?.canCallTools !== true || made.refreshCall === undefined;
  schedulePoll();
}

function schedulePoll(): void {
  window.clearTimeout(timer);
  if (drawn?.isBusy === true && !refreshButton.hidden && failures < MAX_FAILURES) {
    timer = window.setTimeout(() => void pollResult(), POLL_INTERVAL_MS);
  }
}

async function pollResult(): Promise<void> {
  const call = drawn?.refreshCall;
  if (host === undefined || call === undefined || isPolling) return;
  if (document.hidden) {
    schedulePoll();
    return;
  }
  isPolling = true;
  refreshButton.disabled = true;
  try {
    const result = await host.callTool(call.tool, call.arguments);
    failures = result['isError'] === true ? failures + 1 : 0;
    showResult(result);
  } catch (error) {
    failures += 1;
    showStatus(`Not refreshed: ${error instanceof Error ? error.message : String(error)}`);
    schedulePoll();
  } finally {
    isPolling = false;
    refreshButton.disabled = false;
  }
}

async function start(): Promise<void> {
  const early: JsonObject[] = [];
  host = await connectToHost(window, {
    onInput: (next) => {
      given = next;
    },
    onResult: (result) => (host === undefined ? early.push(result) : showResult(result)),
    onCanceled: () => showStatus('The call was canceled.'),
    onTheme: (theme) => {
      if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
    },
    onEnd: () => window.clearTimeout(timer),
  });
  refreshButton.addEventListener('click', () => {
    failures = 0;
    void pollResult();
  });
  new ResizeObserver(() => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    host?.reportSize(Math.ceil(width), Math.ceil(height));
  }).observe(document.documentElement);
  early.forEach(showResult);
}

start().catch((error: unknown) => showStatus(error instanceof Error ? error.message : String(error)));
