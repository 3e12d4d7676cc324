/** A step of a workflow. */
export interface WorkflowStep {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Result in a few words. */
  readonly detail: string;
}

/** Progress bar of one machine, or of an execution or deployment with several. */
export interface ProgressBar {
  readonly name: string;
  readonly state: 'running' | 'completed' | 'failed' | 'canceled';
  /** Percent, 0 to 100; null while unknown. */
  readonly percent: number | null;
  /** Rate in percentage points per minute; null while unknown. */
  readonly ratePerMinute: number | null;
  readonly etaSeconds: number | null;
  /** The running or failed task; empty for none. */
  readonly task: string;
}

/** Section of the screen: a workflow with its steps and machines. */
export interface ScreenSection {
  readonly title: string;
  readonly steps: readonly WorkflowStep[];
  readonly bars: readonly ProgressBar[];
}

/** Output of the demo. Sections are shown in the order in which they first appeared. */
export interface Screen {
  /** Shows a section. It replaces an earlier one with the same title. */
  showSection(section: ScreenSection): void;
  /** Writes one line about a single event. */
  writeLine(line: string): void;
  /** Draws the final state. Nothing may be shown afterwards. */
  close(): void;
}
