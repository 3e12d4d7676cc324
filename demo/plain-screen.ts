import type { ProgressBar, Screen, ScreenSection } from './screen';
import { describeProgressBar } from './live-screen';

/** Progress in percentage points after which a bar is printed again. */
const PERCENT_STEP = 20;

/** Makes a screen that only appends lines, for logs, pipes and `NO_COLOR`. */
export function makePlainScreen(write: (line: string) => void, heading: string): Screen {
  const told = new Map<string, string>();
  write(heading);

  const tell = (key: string, state: string, line: () => string): void => {
    if (told.get(key) === state) return;
    told.set(key, state);
    write(line());
  };
  const tellBar = (title: string, bar: ProgressBar): void => {
    const stride = Math.floor((bar.percent ?? 0) / PERCENT_STEP);
    const percent = bar.percent === null ? '' : ` ${bar.percent.toFixed(0)} %`;
    const numbers = describeProgressBar(bar);
    tell(
      `${title}\n${bar.name}`,
      `${bar.state} ${stride}`,
      () => `${title}: ${bar.name}${percent}${numbers === '' ? '' : `, ${numbers}`}`,
    );
  };
  return {
    showSection({ title, steps, bars }: ScreenSection) {
      for (const { name, state, detail } of steps) {
        if (state !== 'done' && state !== 'failed') continue;
        tell(
          `${title}\n\n${name}`,
          state,
          () =>
            `${title}: ${name} ${state === 'done' ? 'done' : 'FAILED'}${detail === '' ? '' : `, ${detail}`}`,
        );
      }
      for (const bar of bars) tellBar(title, bar);
    },
    writeLine: write,
    close: () => undefined,
  };
}
