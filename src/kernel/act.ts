// A person's act by command (grant, tell, pause, kill, revive): its own commit, between two cycles,
// booked in the journal of the cycle to come.
import { advanceTime } from "../economy/cycle.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { oneLine } from "../economy/text.ts";
import { commit } from "../world/commit.ts";
import { committedDisk } from "../world/read.ts";
import { changesOf } from "../world/write.ts";
import { timeOfCycle } from "./clock.ts";
import { LINE_CHARS_MAX } from "./commit-message.ts";
import { type OpenOptions, withWorld } from "./open.ts";
import { blockedBy, type Outcome } from "./outcome.ts";
import { personOf } from "./people.ts";

export type Acted = { commit: string; message: string; economy: Economy };

/** Change the economy by one act of a person (`by`: their name), with its own subject. */
export async function act(
  root: string,
  options: OpenOptions & { subject: string },
  change: (economy: Economy, by: string) => Result<string>,
): Promise<Outcome<Acted>> {
  return withWorld(root, options, async (world) => {
    const { repo, base, economy, read, durable } = world;
    const completed = economy.cycle;
    economy.cycle = completed + 1;
    advanceTime(economy, timeOfCycle(economy.rules, completed));
    // Who was removed by hand is still to die in a cycle: nothing can be done to it any more.
    for (const id of read.removed) economy.agents.delete(id);
    const person = await personOf(repo);
    const changed = change(economy, person.name);
    if (!changed.ok) return blockedBy(changed);
    const waiting = read.newborn.find(({ id }) => isBorn(economy, id));
    if (waiting) return blockedBy(refuse(`agents/${waiting.id} is there already, born next cycle`));
    economy.cycle = completed;
    const disk = await committedDisk(repo, base, economy);
    const changes = changesOf(economy, { disk, mail: read.mail });
    const done = await commit(repo, {
      message: `${oneLine(options.subject, LINE_CHARS_MAX)}\n\n${changed.value}\n`,
      author: person,
      at: economy.time,
      base,
      changes,
      worktree: "write",
      durable,
    });
    if (!done.ok) return blockedBy(done);
    world.committed(done.value, changes);
    return accept({ commit: done.value, message: changed.value, economy });
  });
}

/** A folder that a person made by hand is that person's: no birth by command mixes with it. */
function isBorn({ changes }: Economy, id: string): boolean {
  return changes.born.some(({ agent }) => agent === id);
}
