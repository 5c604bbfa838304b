// The events of a cycle as people read them. One agent may ask for a thousand things and have them
// all refused: that must neither fill a screen nor push a death out of the world's history.
import type { Event, EventKind } from "./state.ts";

/** Of one agent and one kind in one cycle. */
const ALIKE_MAX = 5;

export function condensed(events: Event[]): Event[] {
  const alike = Map.groupBy(events, ({ kind, agent }) => `${kind} ${agent}`);
  const shown = new Map<Event, Event>();
  for (const group of alike.values()) {
    const rest = group.length - ALIKE_MAX;
    for (const event of rest > 1 ? group.slice(0, ALIKE_MAX) : group) shown.set(event, event);
    const next = group[ALIKE_MAX];
    if (rest > 1 && next)
      shown.set(next, { ...next, text: `${next.agent}: ${rest} more like that` });
  }
  return events.flatMap((event) => shown.get(event) ?? []);
}

const ROUTINE: ReadonlySet<EventKind> = new Set(["ran", "refused", "paid", "sent", "asked"]);

/** The first so many, routine giving way to what changes lives; in the order in which they came. */
export function weightiest(events: Event[], max: number): Event[] {
  const weight = ({ kind }: Event) => (ROUTINE.has(kind) ? 1 : 0);
  const kept = new Set([...events].sort((a, b) => weight(a) - weight(b)).slice(0, max));
  return events.filter((event) => kept.has(event));
}
