import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import type { JsonObject } from '../../model/json';
import { formatCount } from '../../model/display-texts';
import type { MachineTableRow } from '../../model/table/machine-table';
import type { Instance } from '../../model/api-objects';
import { fetchInstance, fetchInstances, instanceIdentifierOf } from '../../resources/instance';
import { reportProgressMessage } from './progress-message';

/** Result of searching the machine of a row on the source. `candidates` are similar machines, for the message. */
export type MachineMatch =
  | { readonly kind: 'one'; readonly instance: Instance }
  | { readonly kind: 'several' | 'none'; readonly candidates: readonly string[] };

/** Maximum number of candidates. */
const MAX_CANDIDATES = 5;
/** Number of machines in a page. */
const PAGE = 100;
/** Maximum number of parallel requests to a platform. Such requests are slow, and a worker serves few at once. */
const CONCURRENCY = 4;
/** Minimum number of pages that are read before single machines are searched by name. */
const MIN_PAGES = 3;

/** Normalises a name or identifier for comparison: removes outer blanks and uses the Unicode form NFC. */
const normalizeName = (name: string): string => name.trim().normalize('NFC');

const lettersAndDigits = (name: string): string =>
  normalizeName(name)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Machines of one source endpoint, for looking them up by identifier, path or name. */
export class SourceMachines {
  private readonly byIdentifier = new Map<string, Instance>();
  private readonly byName = new Map<string, Instance[]>();

  add(instance: Instance): void {
    const identifier = normalizeName(instanceIdentifierOf(instance));
    if (this.byIdentifier.has(identifier)) return;
    this.byIdentifier.set(identifier, instance);
    const name = normalizeName(instance.name);
    this.byName.set(name, [...(this.byName.get(name) ?? []), instance]);
  }

  /** Finds the machine of a row by identifier, by unique name, or by path when several machines have the name. */
  find({ name, ids, paths }: Pick<MachineTableRow, 'name' | 'ids' | 'paths'>): MachineMatch {
    const wanted = normalizeName(name);
    const named = this.byName.get(wanted) ?? [];
    const exact = this.byIdentifier.get(wanted);
    if (exact !== undefined && named.every((one) => one === exact)) return { kind: 'one', instance: exact };
    const known = new Set(ids.map(normalizeName));
    const identified = this.all.filter(
      (one) => known.has(normalizeName(one.id)) || known.has(normalizeName(instanceIdentifierOf(one))),
    );
    const [only] = identified;
    if (only !== undefined && identified.length === 1) return { kind: 'one', instance: only };
    const [first] = named;
    if (first !== undefined && named.length === 1) return { kind: 'one', instance: first };
    const there = new Set(paths.map(normalizeName));
    const placed = named.filter((one) => there.has(normalizeName(instanceIdentifierOf(one))));
    const [place] = placed;
    if (place !== undefined && placed.length === 1) return { kind: 'one', instance: place };
    if (named.length > 0)
      return { kind: 'several', candidates: named.map(describeCandidate).slice(0, MAX_CANDIDATES) };
    return { kind: 'none', candidates: this.similar(name) };
  }

  /** Texts by which transfers may name a machine: its identifier, its id, and its name if that is unique. */
  spellingsOf(instance: Instance): readonly string[] {
    const { id, name } = instance;
    const unique = (this.byName.get(normalizeName(name)) ?? []).length === 1;
    return [instanceIdentifierOf(instance), id, ...(unique ? [name] : [])];
  }

  private get all(): readonly Instance[] {
    return [...this.byIdentifier.values()];
  }

  /** Descriptions of machines whose names resemble a name that was not found. */
  private similar(name: string): readonly string[] {
    const wanted = lettersAndDigits(name);
    if (wanted.length < 3) return [];
    return this.all
      .filter((one) => {
        const other = lettersAndDigits(one.name);
        return other.length >= 3 && (other.includes(wanted) || wanted.includes(other));
      })
      .slice(0, MAX_CANDIDATES)
      .map(describeCandidate);
  }
}

/** Text by which a user can tell a machine from others, and which the table may contain. */
const describeCandidate = (instance: Instance): string => {
  const identifier = instanceIdentifierOf(instance);
  return identifier === instance.name ? `${instance.name} (id ${instance.id})` : identifier;
};

/**
 * Reads the machines of a source endpoint. When the endpoint has many more machines than the table has rows, only a
 * part is listed, and then each machine of the table is searched by name.
 */
export async function fetchSourceMachines(
  coriolis: Coriolis,
  endpointId: string,
  rows: readonly MachineTableRow[],
  environment: JsonObject | undefined,
): Promise<SourceMachines> {
  const found = new SourceMachines();
  const limit = Math.max(MIN_PAGES, rows.length) * PAGE;
  let read = 0;
  for await (const instance of fetchInstances(coriolis, endpointId, { environment, limit })) {
    found.add(instance);
    read += 1;
    if (read % PAGE === 0) reportProgressMessage(coriolis, `${read} machines of the source read`);
  }
  if (read < limit) return found;
  await mapConcurrently(rows, CONCURRENCY, async ({ name }) => {
    for await (const instance of fetchInstances(coriolis, endpointId, {
      environment,
      name: searchTermOf(name),
      limit: PAGE,
    })) {
      found.add(instance);
    }
  });
  return found;
}

/**
 * Search text for a name: its longest part without special characters. Some platforms search for plain text, others by
 * regular expression, and such a part means the same in both.
 */
function searchTermOf(name: string): string {
  const last = name.split('/').at(-1) ?? name;
  const parts = last.match(/[\p{L}\p{N}_-]+/gu) ?? [last];
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest));
}

/** Fetches machines with disks and networks, by identifier. Machines that the platform does not return are left out. */
export async function fetchMachineDetails(
  coriolis: Coriolis,
  endpointId: string,
  identifiers: readonly string[],
  environment: JsonObject | undefined,
): Promise<ReadonlyMap<string, Instance>> {
  const details = new Map<string, Instance>();
  let read = 0;
  await mapConcurrently(identifiers, CONCURRENCY, async (identifier) => {
    const instance = await tolerateErrors(
      fetchInstance(coriolis, endpointId, identifier, environment),
      ['capability', 'not_found', 'timeout', 'server', 'unreachable', 'invalid_input'],
      undefined,
    );
    if (instance !== undefined) details.set(identifier, instance);
    read += 1;
    if (read % 10 === 0)
      reportProgressMessage(coriolis, `${read} of ${formatCount(identifiers.length, 'machine')} looked at`);
  });
  return details;
}
