// Placeholder of the types of the shell around the pure cycle; the kernel itself replaces it.
import type { RunReport } from "./economy/cycle.ts";
import type { Micro } from "./economy/money.ts";
import type { Result } from "./economy/result.ts";
import type { Bid, Economy, Event } from "./economy/state.ts";
import type { Problem } from "./world/change.ts";

export type Loaded =
  | { ok: true; economy: Economy; head: string | null }
  | { ok: false; problems: Problem[] };

export type TickOptions = {
  command: string;
  onWait?: (holder: { pid: number; command: string }) => void;
  onRun?: (done: number, total: number) => void;
  signal?: AbortSignal;
};

export type TickReport = {
  cycle: number;
  commit: string;
  absorbed: string[];
  events: Event[];
  runs: RunReport[];
  economy: Economy;
};

export type TickResult = { ok: true; report: TickReport } | { ok: false; problems: Problem[] };

export type PlanResult =
  | {
      ok: true;
      economy: Economy;
      winners: { bid: Bid; offer: Micro }[];
      waiting: Bid[];
      edits: string[];
    }
  | { ok: false; problems: Problem[] };

export type ActResult =
  | { ok: true; commit: string; message: string }
  | { ok: false; problems: Problem[] };

export type Chapter = { cycle: number; time: string; subject: string; events: string[] };

export declare function findWorld(cwd: string, wanted?: string): Promise<Result<string>>;
export declare function loadEconomy(root: string): Promise<Loaded>;
export declare function tick(root: string, options: TickOptions): Promise<TickResult>;
export declare function planTick(root: string): Promise<PlanResult>;
export declare function act(
  root: string,
  command: string,
  subject: string,
  change: (economy: Economy) => Result<string>,
): Promise<ActResult>;
export declare function chronicle(root: string, cycles: number): Promise<Chapter[]>;
export declare function verify(root: string): Promise<Problem[]>;
