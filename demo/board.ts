/** A step of a workflow. */
export interface Step {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** What came of it, a few words. */
  readonly detail: string;
}

/** How far a machine, or a run of several, is. */
export interface Bar {
  readonly name: string;
  readonly state: 'running' | 'completed' | 'failed' | 'canceled';
  /** 0 to 100; null while unknown. */
  readonly percent: number | null;
  /** Points of percent per minute; null while nothing can be measured. */
  readonly ratePerMinute: number | null;
  readonly etaSeconds: number | null;
  /** The task at work, or the one that failed; empty for none. */
  readonly task: string;
}

/** Something that goes on: a workflow with its steps and the machines that it moves. */
export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly bars: readonly Bar[];
}

/** What a person watches. Sections keep the order in which they first appeared; each call replaces one. */
export interface Screen {
  section(section: Section): void;
  /** Something that happened once, one line. */
  note(line: string): void;
  /** Draws for the last time; nothing may be shown after it. */
  close(): void;
}
