// What a command goes on from, compared with what the files say before it is believed.
import type { Economy } from "../../src/economy/state.ts";
import { ownCopy } from "../../src/kernel/own-copy.ts";
import { Continuity } from "../../src/kernel.ts";
import { personEdits } from "../../src/world/edits.ts";
import { openRepository, type Repository } from "../../src/world/git.ts";
import { readWorld } from "../../src/world/read.ts";
import { LawBroken } from "./law-broken.ts";

/** Law 1: where a command does not read the files, it is because they say the same. */
export class CheckedContinuity extends Continuity {
  /** How often the files were not read. */
  resumed = 0;

  override async resume(repo: Repository) {
    const resumed = await super.resume(repo);
    if (!resumed) return null;
    this.resumed += 1;
    await mustBeWhatFilesSay(repo, resumed.economy);
    return resumed;
  }
}

/** The copy that a command would go on from now, if there is one. */
export async function checkOwnCopy(root: string): Promise<void> {
  const repo = await openRepository(root);
  if (!repo.ok) return;
  const copied = await ownCopy(repo.value);
  if (!copied) return;
  const edits = await personEdits(repo.value);
  if (edits.ok && edits.value.length === 0) await mustBeWhatFilesSay(repo.value, copied.economy);
}

async function mustBeWhatFilesSay(repo: Repository, ours: Economy): Promise<void> {
  const { economy, newborn, removed, mail, answer, sheetStale } = await readWorld(repo.root);
  const byHand = { newborn, removed, mail, sheetStale, answer: answer === "incomplete" || answer };
  const nothing = { newborn: [], removed: [], mail: [], sheetStale: false };
  if (!Bun.deepEquals({ ...byHand, answer: null }, { ...nothing, answer: null }))
    throw new LawBroken(`left by hand: ${JSON.stringify(byHand)}`);
  const [one, other] = [inFull(ours), inFull(economy)];
  if (one !== other) throw new LawBroken(`not what the files say: ${difference(one, other)}`);
}

/** All of it, in the order that its maps, sets and objects have. */
function inFull(economy: Economy | null): string {
  const plain = (_: string, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value;
  return JSON.stringify(economy, plain);
}

function difference(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at++;
  const from = Math.max(0, at - 150);
  return `${one.slice(from, at + 60)} / ${other.slice(from, at + 60)}`;
}
