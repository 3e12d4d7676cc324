import type { IDataObject } from 'n8n-workflow';

/** Called before each request of a poll. @throws when the process of the poll has ended */
export type Death = () => void;
export const immortal: Death = () => undefined;

/** An active polling trigger. */
export interface Poller {
  /** One scheduled poll: the JSON of its items, or null when it emits nothing. */
  poll(): Promise<IDataObject[] | null>;
  /** One scheduled poll of a process that ends when the poll has sent so many requests: `dead` when it wanted to send more. */
  pollUntilDeath(requests: number): Promise<IDataObject[] | null | 'dead'>;
  /** "Fetch test event" in the editor. */
  fetchTestEvent(): Promise<IDataObject[] | null>;
  /** Errors that polls reported beside their result; n8n shows each as a failed execution. */
  failures(): readonly Error[];
  /** The static data as n8n would write it to its database. */
  saved(): IDataObject;
}
