// Which world a command is about.
import { lstatSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { AGENTS, CONFIG, GRAVEYARD } from "./layout.ts";

/** `--world`, else the world one stands in, else the folder `world` here. */
export function findWorld(options: { world?: string | undefined; cwd: string }): Result<string> {
  const { world, cwd } = options;
  if (world !== undefined) {
    const given = resolve(cwd, world);
    if (isWorld(given)) return accept(given);
    return refuse(`${world} is not a world: it has no ${CONFIG}. To make one: econ init ${world}`);
  }
  const around = findAround(resolve(cwd));
  if (around) return accept(around);
  const here = resolve(cwd, "world");
  if (isWorld(here)) return accept(here);
  return refuse(
    `no world here: no ${CONFIG} in this folder, above it or in ./world. ` +
      "To make one: econ init my-world. To use another: --world DIR",
  );
}

/** The world that a folder would lie in: two worlds in one another cannot both commit its files. */
export function worldAround(folder: string): string | null {
  return findAround(dirname(resolve(folder)));
}

/**
 * The nearest above, unless it lies within an agent of another world: agents write their folders,
 * and one that holds an econ.yaml must not become the world of whoever stands in it.
 */
function findAround(start: string): string | null {
  let found: string | null = null;
  for (let folder = start; ; folder = dirname(folder)) {
    if (isWorld(folder) && (found === null || isAgents(relative(folder, found)))) found = folder;
    if (folder === dirname(folder)) return found;
  }
}

function isAgents(inner: string): boolean {
  const [first] = inner.split(sep);
  return first === AGENTS || first === GRAVEYARD;
}

function isWorld(folder: string): boolean {
  return lstatSync(join(folder, CONFIG), { throwIfNoEntry: false })?.isFile() ?? false;
}
