// Which entries of a map are whose, so that nobody scans ten thousand bids to find two. It stands
// beside the map, not in the state: a copy of the state, or one read from files, gets its own.

/** Most owners have one entry: its id stands there by itself. */
type Ids = string | string[];

type Index = { size: number; byOwner: Map<string, Ids> };

const indexes = new WeakMap<object, Index>();

/** The entries of one owner, by id: the order in which they came is no part of the economy. */
export function ownedBy<T>(map: Map<string, T>, owner: string, ownerOf: (entry: T) => string): T[] {
  const ids = indexOf(map, ownerOf).byOwner.get(owner);
  if (ids === undefined) return [];
  if (typeof ids === "string") return [map.get(ids) as T];
  return ids.toSorted().map((id) => map.get(id) as T);
}

/** Whose entries there are, each with the id of one or the ids of several; for reading only. */
export function ownersOf<T>(
  map: Map<string, T>,
  ownerOf: (entry: T) => string,
): ReadonlyMap<string, string | readonly string[]> {
  return indexOf(map, ownerOf).byOwner;
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
  const ids = index.byOwner.get(owner);
  if (typeof ids === "object" && ids.length > 1) ids.splice(ids.indexOf(id), 1);
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
  if (ids === undefined) byOwner.set(owner, id);
  else if (typeof ids === "string") byOwner.set(owner, [ids, id]);
  else ids.push(id);
}
