// What the clock on the wall shows in a simulated life: it moves when the life says so.
export const clock = { now: Date.UTC(2026, 2, 28, 12) };

export function holdClock(): void {
  Date.now = () => clock.now;
}
