// Where the tools may reach: the workspace, and /econ to read. The shell can go wherever the
// sandbox lets it; these bounds keep a slip of the model from writing what is not kept.
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { quote } from "../../economy/ids.ts";
import { accept, type Result, refuse } from "../../economy/result.ts";
import { refuseInWorkspace } from "../../world/path-rules.ts";

export type Roots = { workspace: string; home: string };

/** A file to read, with links resolved. */
export function readable({ workspace, home }: Roots, path: string): Result<string> {
  const wished = absolute({ workspace, home }, path);
  let real: string;
  try {
    real = realpathSync(wished);
  } catch {
    return refuse(`there is no file ${quote(path)}`);
  }
  if (isBelow(workspace, real) || isBelow(home, real)) return accept(real);
  // What stands in /econ may be led to from there: /econ/source is the toolkit's own.
  if (isBelow(join(home, "source"), wished) && isBelow(realOf(join(home, "source")), real))
    return accept(real);
  return refuse(`${quote(path)} is outside /workspace and /econ`);
}

/** A file to write: its place in the workspace, and its path from there. */
export function writable(roots: Roots, path: string): Result<{ file: string; path: string }> {
  const file = absolute(roots, path);
  const inside = relative(roots.workspace, file).split(sep).join("/");
  if (inside === "" || inside === ".." || inside.startsWith("../") || isAbsolute(inside))
    return refuse(`${quote(path)} is not in /workspace`);
  const wrong = refuseInWorkspace(inside);
  if (wrong) return refuse(`${quote(path)} would not be kept: ${wrong}`);
  // A folder on the way may be a link that leads out.
  for (let at = dirname(file); at !== roots.workspace; at = dirname(at)) {
    const real = realOf(at);
    if (real !== "" && !isBelow(roots.workspace, real))
      return refuse(`${quote(path)} is not in /workspace: a link leads out of it`);
  }
  return accept({ file, path: inside });
}

/** The first bytes of a regular file, and its size. Never waits for what is no file. */
export function readStart(file: string, most: number): Result<{ bytes: Uint8Array; size: number }> {
  let open: number;
  try {
    open = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return refuse(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const found = fstatSync(open);
    if (!found.isFile()) return refuse("it is no regular file");
    const bytes = new Uint8Array(Math.min(found.size, most));
    let got = 0;
    while (got < bytes.length) {
      const read = readSync(open, bytes, got, bytes.length - got, got);
      if (read === 0) break;
      got += read;
    }
    return accept({ bytes: bytes.subarray(0, got), size: found.size });
  } catch (error) {
    return refuse(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  } finally {
    closeSync(open);
  }
}

/** "/workspace" and "/econ" are what the agent calls its places, wherever they are. */
function absolute({ workspace, home }: Roots, path: string): string {
  if (path.includes("\0")) return join(workspace, "\ufffd");
  const named = [
    ["/workspace", workspace],
    ["/econ", home],
  ] as const;
  for (const [name, place] of named)
    if (path === name || path.startsWith(`${name}/`))
      return resolve(join(place, path.slice(name.length)));
  return resolve(workspace, path);
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(`${root}${sep}`);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return "";
  }
}
