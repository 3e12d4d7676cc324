/** Names of one object: its display name, and aliases that are accepted when no object has exactly the given name. */
export interface NamedObject {
  readonly id: string;
  readonly name: string;
  /**
   * Name as the server stores it, when that is longer. An object whose full name equals the given text exactly is
   * preferred.
   */
  readonly fullName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
}

/** Trims a name and converts it to Unicode form NFC, because people see no difference between such spellings. */
const plain = (name: string): string => name.trim().normalize('NFC');

const writtenNames = ({ name, fullName = name, aliases = [] }: NamedObject): readonly string[] => [
  name,
  fullName,
  ...aliases,
];

const namesOf = (object: NamedObject): readonly string[] => [...new Set(writtenNames(object).map(plain))];

/** Index of the objects of one list by name. */
export class NameIndex {
  private readonly objects = new Map<string, NamedObject>();
  private readonly idsByName = new Map<string, readonly string[]>();

  /** Number of objects. */
  get size(): number {
    return this.objects.size;
  }

  has(id: string): boolean {
    return this.objects.has(id);
  }

  /** Adds an object, or replaces the names of a known one. */
  put(object: NamedObject): void {
    this.remove(object.id);
    this.objects.set(object.id, object);
    for (const name of namesOf(object)) {
      this.idsByName.set(name, [...(this.idsByName.get(name) ?? []), object.id]);
    }
  }

  remove(id: string): void {
    const known = this.objects.get(id);
    if (known === undefined) return;
    this.objects.delete(id);
    for (const name of namesOf(known)) {
      const others = (this.idsByName.get(name) ?? []).filter((one) => one !== id);
      if (others.length === 0) this.idsByName.delete(name);
      else this.idsByName.set(name, others);
    }
  }

  /**
   * Finds the ids of the objects that a text may mean: the object with this id, else the objects with exactly this
   * name, else those with a name or alias that is equal after normalisation.
   */
  find(given: string): readonly string[] {
    if (this.objects.has(given)) return [given];
    const alike = this.idsByName.get(plain(given)) ?? [];
    const named = alike.filter((id) => {
      const object = this.objects.get(id);
      return (object?.fullName ?? object?.name) === given;
    });
    return named.length > 0 ? named : alike;
  }

  /** Ids of objects whose names contain the text, in upper or lower case, at most `limit`. */
  similar(given: string, limit: number): readonly string[] {
    const wanted = given.toLowerCase();
    const found: string[] = [];
    for (const object of this.objects.values()) {
      if (found.length >= limit) break;
      if (writtenNames(object).some((one) => one.toLowerCase().includes(wanted))) found.push(object.id);
    }
    return found;
  }
}
