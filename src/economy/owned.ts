// Which entries of a map are whose, so that nobody scans ten thousand bids to find two. It stands
// beside the map, not in the state: a copy of the state, or one read from files, gets its own.

type Index = { size: number; byOwner: Map<string, Set<string>> };

const indexes = new WeakMap<object, Index>();

/** The entries of one owner, by id: the order in which they came is no part of the economy. */
export function ownedBy<T>(map: Map<string, T>, owner: string, ownerOf: (entry: T) => string): T[] {
  const ids = indexOf(map, ownerOf).byOwner.get(owner);
  if (!ids) return [];
  return [...ids].sort().flatMap((id) => map.get(id) ?? []);
}

/** Set an entry and keep the index. A set past this door is noticed by the map's size. */
export function put<T>(
  map: Map<string, T>,
  id: string,
  entry: T,
  ownerOf: (entry: T) => string,
): void {
  const index = indexOf(map, ownerOf);
  const owner = ownerOf(entry);
  const ids = index.byOwner.get(owner);
  if (ids) ids.add(id);
  else index.byOwner.set(owner, new Set([id]));
  map.set(id, entry);
  index.size = map.size;
}

/** Delete an entry and keep the index. */
export function drop<T>(map: Map<string, T>, id: string, ownerOf: (entry: T) => string): void {
  const entry = map.get(id);
  if (entry === undefined) return;
  const index = indexOf(map, ownerOf);
  const owner = ownerOf(entry);
  const ids = index.byOwner.get(owner);
  ids?.delete(id);
  if (ids?.size === 0) index.byOwner.delete(owner);
  map.delete(id);
  index.size = map.size;
}

function indexOf<T>(map: Map<string, T>, ownerOf: (entry: T) => string): Index {
  const known = indexes.get(map);
  if (known?.size === map.size) return known;
  const index: Index = { size: map.size, byOwner: new Map() };
  for (const [id, entry] of map) {
    const owner = ownerOf(entry);
    const ids = index.byOwner.get(owner);
    if (ids) ids.add(id);
    else index.byOwner.set(owner, new Set([id]));
  }
  indexes.set(map, index);
  return index;
}
