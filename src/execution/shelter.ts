// Containers with a keeper at work. Usually each is for one run. Kept warm, one serves an agent's
// next run as well, once its keeper has said that nothing of the run before is left.

import { type Fate, fateOf } from "./container-fate.ts";
import { type ContainerLimits, specOf, VOLUME } from "./container-spec.ts";
import type { Engine, EngineContainer } from "./engine.ts";
import { type Keeper, keeperOn, type Report } from "./keeper.ts";
import { ownLabels } from "./owner.ts";
import type { RunRequest } from "./sandbox.ts";

export type DockerOptions = {
  engine: Engine;
  image: string;
  /** The world's scratch folder: it only names the world here. */
  scratch: string;
  /** "" is the daemon's default. */
  runtime: string;
  keepWarm: boolean;
};

export type Held = {
  container: EngineContainer;
  keeper: Keeper;
  fate: Fate;
  /** What a run's own report is, of counters that go on from run to run. */
  counted(report: Report): Report;
  /** Cpu time of the runs before. */
  cpuSeconds(): number;
  /** True when it may be used again; null before a run. */
  clean: Promise<boolean> | null;
  agent: string | null;
  limits: ContainerLimits;
  diskMb: number;
  /** Lets the program end while this is open. */
  rest(isResting: boolean): void;
  close(): Promise<void>;
};

/** What a run's container must have: its limits, and a tar of what stands at /econ. */
export type Needs = { limits: ContainerLimits; briefing: Uint8Array };

export type Shelter = {
  take(request: RunRequest, needs: Needs): Promise<Held>;
  giveBack(held: Held): Promise<void>;
};

/** An agent that has not run for so long gets a new container. */
const IDLE_MS_MAX = 60_000;

export function shelter(options: DockerOptions): Shelter {
  const warm = new Map<string, { held: Held; timer: Timer }>();
  const takeWarm = async (agent: string, diskMb: number, { limits, briefing }: Needs) => {
    const found = warm.get(agent);
    if (!found) return null;
    warm.delete(agent);
    clearTimeout(found.timer);
    const { held } = found;
    const fits = held.diskMb === diskMb && !held.fate.isOver() && (await held.clean);
    const isSame = Object.entries(limits).every(([name, value]) => {
      return held.limits[name as keyof ContainerLimits] === value;
    });
    try {
      if (fits && !isSame) await held.container.limit(limits);
      if (fits) await held.container.upload(briefing, VOLUME);
      held.rest(false);
      if (fits) return { ...held, limits, clean: null };
    } catch {
      // Somebody removed it meanwhile: a new one does as well.
    }
    await held.close();
    return null;
  };
  return {
    async take(request, needs) {
      const agent = options.keepWarm ? (request.agent ?? null) : null;
      const { diskMb } = request.limits;
      const kept = agent === null ? null : await takeWarm(agent, diskMb, needs);
      return kept ?? hold(options, request, needs, agent);
    },
    async giveBack(held) {
      const { agent, clean } = held;
      if (agent === null || clean === null || warm.has(agent)) return held.close();
      const timer = setTimeout(() => {
        warm.delete(agent);
        held.close();
      }, IDLE_MS_MAX);
      timer.unref();
      held.rest(true);
      warm.set(agent, { held, timer });
    },
  };
}

/** Created, connected and started; nothing of the agent is in it yet. */
async function hold(
  { engine, image, runtime, scratch }: DockerOptions,
  request: RunRequest,
  { limits, briefing }: Needs,
  agent: string | null,
): Promise<Held> {
  const { diskMb } = request.limits;
  const labels = ownLabels(scratch, request.id);
  const lasting = agent !== null;
  const container = await engine.create(
    specOf({ image, runtime, labels, diskMb, limits, lasting }),
  );
  const fate = fateOf();
  const counted = counter();
  let watch: { stop(): void; rest(isResting: boolean): void } | null = null;
  let keeper: Keeper | null = null;
  // The keeper ends with its input, and the daemon removes what has ended.
  const close = async () => {
    fate.endedByUs();
    watch?.stop();
    keeper?.close();
    if (fate.isOver() || counted.isOrderly()) return;
    // A daemon that is not there any more has no say in how the run ended: what is left is found by
    // its labels.
    await container.remove().catch(() => {});
  };
  try {
    [watch, keeper] = await Promise.all([container.watch(fate), container.attach().then(keeperOn)]);
    await container.upload(briefing, VOLUME);
    await container.start();
    const rest = (isResting: boolean) => {
      watch?.rest(isResting);
      keeper?.rest(isResting);
    };
    const { report, cpuSeconds } = counted;
    const own = { agent, limits, diskMb, clean: null, counted: report, cpuSeconds };
    return { container, keeper, fate, ...own, rest, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function counter() {
  let before: Report | null = null;
  return {
    /** A keeper that has reported ends by itself when nobody is there any more. */
    isOrderly: () => before !== null,
    cpuSeconds: () => before?.cpuSeconds ?? 0,
    report(report: Report): Report {
      const own = {
        ...report,
        outOfMemory: report.outOfMemory - (before?.outOfMemory ?? 0),
        forksRefused: report.forksRefused - (before?.forksRefused ?? 0),
      };
      before = report;
      return own;
    },
  };
}
