// What people ask of a world by command, drawn: the kernel's acts, and lines of the command line.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./commands.ts";
import { weighed } from "./dice.ts";
import { citizens, git, type Life, NONSENSE, namesIn } from "./life.ts";

export function pauseOf(life: Life): boolean {
  const text = git(life.root, "show", "HEAD:./world.json");
  return text !== NONSENSE && JSON.parse(text).paused !== undefined;
}

const ACTS = { grant: 4, tell: 3, revive: 3, kill: 1, pause: 1, birth: 5, look: 2, attend: 3 };

/** What somebody might type; some of it is refused. */
export function drawnAct(life: Life): Command {
  const { dice } = life;
  const alive = citizens(life);
  const to = dice.percent(80) && alive.length > 0 ? dice.pick(alive) : dice.pick(["pat", "no", ""]);
  const dead = namesIn(life, "graveyard");
  if (pauseOf(life) && dice.percent(60)) return { do: "resume" };
  const kind = weighed(dice, ACTS);
  const reason = dice.pick(["", "too dear", "a\nb"]);
  if (kind === "kill") return { do: kind, id: to, reason };
  if (kind === "pause") return { do: kind, reason };
  if (kind === "grant")
    return { do: kind, to, amount: dice.pick([0.5, 30, 1e6]), memo: dice.pick(["", "x", "a\nb"]) };
  if (kind === "tell") return { do: kind, to, content: dice.pick(["hi", " ", "\u001b[31m"]) };
  if (kind === "birth") return { do: "say", words: birth(life, to) };
  if (kind === "look") return { do: "say", words: look(life, to) };
  if (kind === "attend") return { do: "say", words: scores(life) };
  return { do: kind, id: dead.length > 0 ? dice.pick(dead) : "nobody" };
}

/** A name that is new, or one that somebody bears or bore. */
function nameFor(life: Life, to: string): string {
  const { dice } = life;
  const name = dice.percent(85) ? `k${life.step}` : dice.pick([to, ...namesIn(life, "graveyard")]);
  life.removed.delete(name);
  return name;
}

function birth(life: Life, to: string): string[] {
  const { dice } = life;
  const name = nameFor(life, to);
  const credits = dice.percent(30) ? ["--credits", dice.pick(["0", "9", "70", "1e9"])] : [];
  switch (weighed(dice, { new: 3, fork: 3, adopt: 1, import: 3 })) {
    case "new": {
      const template = dice.pick(["genesis", "bash", "saver", "mind", "none"]);
      return ["agent", "new", name, "--template", template, ...credits];
    }
    case "fork":
      return ["agent", "fork", to, "--as", name, ...credits];
    case "adopt":
      return ["agent", "adopt", join(life.outside, "molly"), "--name", name, ...credits];
    default: {
      const archives = namesIn(life, "../outside").filter((file) => file.endsWith(".tar"));
      const file = archives.length > 0 ? dice.pick(archives) : "none.tar";
      if (archives.length > 0 && dice.percent(25)) damage(life, join(life.outside, file));
      return ["agent", "import", join(life.outside, file), "--name", name, ...credits];
    }
  }
}

/** On its way somebody has cut or changed it. */
function damage({ dice }: Life, path: string): void {
  const file = openSync(path, "r+");
  const at = dice.below(4_000);
  if (dice.percent(30)) ftruncateSync(file, at);
  else writeSync(file, "\u0000x", at);
  closeSync(file);
}

function look(life: Life, to: string): string[] {
  const { dice, step } = life;
  const archive = join(life.outside, `a${step}.tar`);
  return dice.pick([
    ["agent", "export", to, "--out", archive],
    ["agent", "export", to, "--out", archive, "--with-history"],
    ["agent", "export", to, "--out", join(life.root, "inside.tar")],
    ["permit"],
    ["permit", "--list"],
    ["status"],
    ["cost", "--estimate"],
    ["history", "5"],
  ]);
}

function scores({ dice }: Life): string[] {
  const three = [0, 1, 2].map(() => String(dice.below(11)));
  const reason = dice.pick([[], ["good"], ["a\nb: c\n---\n"], ["x".repeat(5_000)]]);
  return dice.pick([["attend"], ["attend", ...three, ...reason], ["attend", "7", "11", "-1"]]);
}
