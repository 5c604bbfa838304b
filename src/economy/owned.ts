// Which entries of a map are whose, so that nobody scans ten thousand bids to find two. It stands
// beside the map, not in the state: a copy of the state, or one read from files, gets its own.

type Index = { size: number; byOwner: Map<string, string[]> };

const indexes = new WeakMap<object, Index>();

const NONE: readonly string[] = [];

/** The entries of one owner, by id: the order in which they came is no part of the economy. */
export function ownedBy<T>(map: Map<string, T>, owner: string, ownerOf: (entry: T) => string): T[] {
  return idsOwnedBy(map, owner, ownerOf)
    .toSorted()
    .flatMap((id) => map.get(id) ?? []);
}

/** The ids of one owner's entries, in no order; for reading only. */
export function idsOwnedBy<T>(
  map: Map<string, T>,
  owner: string,
  ownerOf: (entry: T) => string,
): readonly string[] {
  return indexOf(map, ownerOf).byOwner.get(owner) ?? NONE;
}

/** Set an entry and keep the index. A set past this door is noticed by the map's size. */
export function put<T>(
  map: Map<string, T>,
  id: string,
  entry: T,
  ownerOf: (entry: T) => string,
): void {
  const index = indexOf(map, ownerOf);
  map.set(id, entry);
  // An entry in the place of another is indexed already: its owner is the same.
  if (map.size === index.size) return;
  addTo(index, ownerOf(entry), id);
  index.size = map.size;
}

/** Delete an entry and keep the index. */
export function drop<T>(map: Map<string, T>, id: string, ownerOf: (entry: T) => string): void {
  const entry = map.get(id);
  if (entry === undefined) return;
  const index = indexOf(map, ownerOf);
  const owner = ownerOf(entry);
  const ids = index.byOwner.get(owner) ?? [];
  if (ids.length > 1) ids.splice(ids.indexOf(id), 1);
  else index.byOwner.delete(owner);
  map.delete(id);
  index.size = map.size;
}

function indexOf<T>(map: Map<string, T>, ownerOf: (entry: T) => string): Index {
  const known = indexes.get(map);
  if (known?.size === map.size) return known;
  const index: Index = { size: map.size, byOwner: new Map() };
  for (const [id, entry] of map) addTo(index, ownerOf(entry), id);
  indexes.set(map, index);
  return index;
}

function addTo({ byOwner }: Index, owner: string, id: string): void {
  const ids = byOwner.get(owner);
  if (ids) ids.push(id);
  else byOwner.set(owner, [id]);
}
