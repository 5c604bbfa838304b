// Who answers the agents' model calls in a cycle, and what that has cost. The library of the
// providers is loaded when a run has bought tokens, and not before.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "../economy/cycle.ts";
import type { ModelCost } from "../economy/models.ts";
import { spentToday } from "../economy/spending.ts";
import type { Models } from "../gateway/contract.ts";
import { hostFailure, removeFile, replaceFile } from "../world/durable.ts";
import { readText } from "../world/files.ts";
import { type Repository, runGit } from "../world/git.ts";
import { PRIVATE } from "../world/layout.ts";
import type { OpenWorld } from "./open.ts";

export type Providers = {
  /** Null where none of the runs bought tokens. */
  forRuns(runs: Run[]): Promise<Models | null>;
  /** After the runs: all that was paid and is in no books yet. */
  costs(): Promise<ModelCost[]>;
  /** After the commit: it is in the books now. */
  committed(): void;
};

/** What was paid and is not in the books; and the cycle into whose books it first was to go. */
const ANSWERS = "answers.jsonl";
const DUE = "answers-due";
const DUE_BYTES_MAX = 200;

/** `given` instead of the world's own: another's, or recorded ones. */
export function providersOf(world: OpenWorld, given: Models | undefined): Providers {
  if (given)
    return {
      forRuns: async () => given,
      costs: async () => given.costs(),
      committed: () => given.committed(),
    };
  const folder = join(world.repo.root, PRIVATE);
  // Before the cycle begins; while it runs the economy is in the next one.
  const completed = world.economy.cycle;
  let live: Models | null = null;
  const open = async () => {
    live ??= await openLive(world, folder, completed);
    return live;
  };
  return {
    forRuns: async (runs) => (runs.some(({ bid }) => bid.resources.tokens) ? open() : null),
    // An attempt that was given up may have paid for answers, and no run of this one buys tokens.
    costs: async () => (live || existsSync(join(folder, ANSWERS)) ? (await open()).costs() : []),
    committed() {
      if (!live) return;
      try {
        live.committed();
        removeFile(join(folder, DUE), world.durable);
      } catch (error) {
        // The commit stands, and what is left there is known to be in the books.
        if (hostFailure(error) === null) throw error;
      }
    },
  };
}

async function openLive(world: OpenWorld, folder: string, completed: number): Promise<Models> {
  const { repo, base, economy, durable } = world;
  const answers = join(folder, ANSWERS);
  const due = join(folder, DUE);
  mkdirSync(folder, { recursive: true });
  if (await isBooked(repo, due, { base, completed })) removeFile(answers, durable);
  if (!existsSync(answers)) replaceFile(due, `${completed + 1} ${base}\n`, durable);
  const { liveModels } = await import("../gateway/live.ts");
  const spent = { today: spentToday(economy), total: economy.spent.total };
  return liveModels({ rules: economy.rules, folder, spent, durable });
}

/**
 * Whether the answers that lie there are in the books: a crash just after a commit leaves them.
 * They are if the cycle that they were for has been completed on the commit they were made on.
 */
async function isBooked(
  repo: Repository,
  due: string,
  { base, completed }: { base: string; completed: number },
): Promise<boolean> {
  const text = readText(due, DUE_BYTES_MAX);
  const [, cycle, from] = (text.ok && /^(\d{1,15}) ([0-9a-f]{40,64})\n$/.exec(text.value)) || [];
  if (cycle === undefined || from === undefined || Number(cycle) > completed) return false;
  return (await runGit(repo, ["merge-base", "--is-ancestor", from, base])).code === 0;
}
