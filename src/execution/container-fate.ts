// How a container died, by the daemon's own word. An agent cannot forge that, so only this can make
// a run the host's failure.

/** For the daemon to say how a container died. */
const VERDICT_MS_MAX = 5_000;

export type Fate = ReturnType<typeof fateOf>;

/** Takes the events of one container in, and answers for them. */
export function fateOf() {
  const told: { action: string; exitCode: number | null }[] = [];
  let ours = false;
  let lost = false;
  const settled = Promise.withResolvers<void>();
  const has = (action: string) => told.some((event) => event.action === action);
  return {
    onEvent(event: { action: string; exitCode: number | null }) {
      // What comes after our own word is its consequence.
      if (event.action !== "kill" || !ours) told.push(event);
      if (event.action === "die") settled.resolve();
    },
    onLost() {
      lost = true;
      settled.resolve();
    },
    endedByUs() {
      ours = true;
    },
    endedByOther: () => has("kill"),
    isOver: () => has("die"),
    /** Of a container whose connection ended without a report. */
    async verdict(): Promise<{ code: number; outOfMemory: boolean; host: string | null }> {
      const timer = setTimeout(settled.resolve, VERDICT_MS_MAX);
      await settled.promise;
      clearTimeout(timer);
      const died = told.find(({ action }) => action === "die");
      const code = died?.exitCode ?? 137;
      const outOfMemory = has("oom");
      if (outOfMemory || ours) return { code, outOfMemory, host: null };
      if (!died || lost) return { code, outOfMemory, host: "the Docker daemon went away" };
      return { code, outOfMemory, host: null };
    },
  };
}
