// History run again: each cycle of a range from the commit before it, in a private copy of the
// world, with what was recorded as its inputs: the instant, the models' answers, the runs that the
// host undid, what was paid for. The same commit must come out, to the last byte.
import type { ModelCost } from "../economy/models.ts";
import { accept, refuse } from "../economy/result.ts";
import type { Sandbox } from "../execution/sandbox.ts";
import type { ModelCall } from "../gateway/contract.ts";
import { replaying } from "../gateway/replaying.ts";
import { costsOf } from "../world/costs.ts";
import { cyclesIn, type PastCycle } from "../world/cycles.ts";
import { openRepository, type Repository } from "../world/git.ts";
import * as layout from "../world/layout.ts";
import { readWorldRecord } from "../world/records.ts";
import { replicate } from "../world/replica.ts";
import { readCalls, readTrace } from "../world/trace.ts";
import { diffTrees, readAt, type TreeEntry } from "../world/trees.ts";
import { blockedBy, type Outcome, withHost } from "./outcome.ts";
import { tick } from "./tick.ts";

export type ReplayOptions = {
  /** "A..B", "A.." or one revision. Default: all there is. */
  range?: string;
  /** So many of the last cycles of the range only. */
  last?: number;
  onCycle?: (done: number, total: number, cycle: number) => void;
  signal?: AbortSignal;
  sandbox?: Sandbox;
};

/** The first thing that came out otherwise. */
export type Difference = {
  cycle: number;
  commit: string;
  /** Of the world; "" where only the commit itself differs (its message, author or time). */
  path: string;
  recorded: string | null;
  replayed: string | null;
  /** What is known of why. */
  why: string;
};

export type Replay = { cycles: number; difference: Difference | null };
