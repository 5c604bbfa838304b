// How often an agent wants to wake, as its HEARTBEAT.md says it. Folders come from runtimes that
// have a clock, so a span of time is understood as well as a number of cycles.

/** Both null: it does not say. In cycles of any world (`cycles`) or in time (`seconds`). */
export type Rhythm = { every: string | null; seconds: number | null; cycles: number | null };

const UNITS: Record<string, [name: string, seconds: number]> = {
  s: ["s", 1],
  m: ["min", 60],
  h: ["h", 3_600],
  d: ["d", 86_400],
};
const SPAN = String.raw`(\d{1,6}(?:\.\d{1,3})?) ?(s|m|h|d|sec|min|second|minute|hour|day)s?\b`;

/**
 * "every: 20" is 20 cycles; "every: 30m", "interval: 1h", "Every 30 minutes" are time. `stated` is
 * what the front matter has for one of the two, which goes before what the text says.
 */
export function rhythmOf(stated: string | undefined, body: string): Rhythm {
  const text = stated?.trim() ?? "";
  if (/^[1-9]\d{0,5}$/.test(text)) {
    const cycles = Number(text);
    return { every: `${cycles} ${cycles === 1 ? "cycle" : "cycles"}`, seconds: null, cycles };
  }
  const found =
    new RegExp(`^${SPAN}$`, "i").exec(text) ??
    new RegExp(`\\b(?:every|interval):? +${SPAN}`, "i").exec(body);
  const [, count = "0", word = ""] = found ?? [];
  const [unit, length] = UNITS[word.charAt(0).toLowerCase()] ?? ["", 0];
  const seconds = Number(count) * length;
  if (seconds === 0) return { every: null, seconds: null, cycles: null };
  return { every: `${count} ${unit}`, seconds, cycles: null };
}

/** In cycles of a world that has one every so many seconds; null: it does not say. */
export function cyclesOf({ seconds, cycles }: Rhythm, scheduleSeconds: number): number | null {
  if (cycles !== null || seconds === null) return cycles;
  return Math.max(1, Math.round(seconds / scheduleSeconds));
}
