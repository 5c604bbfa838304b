// What stands at /econ in a container, as the tar that the daemon unpacks there.
import type { Gateway } from "../gateway/contract.ts";
import { PORT_INSIDE } from "./carriage.ts";
import { ACTIONS } from "./keeper.ts";
import type { RunRequest } from "./sandbox.ts";
import { type Place, packFolder, packPlaces } from "./tar.ts";
import { commands, quoted } from "./toolkit.ts";

const BUN_INSIDE = "/opt/bun/bin/bun";
export const TOOLKIT_INSIDE = "/opt/econ";
/** The folder in the volume to which /econ leads. */
const ROOT = "now";

/** What becomes /econ: the host's, but for the file of actions, which anybody may write. */
export async function packBriefing(request: RunRequest): Promise<Uint8Array> {
  const { briefing, workspace } = request;
  const places: Place[] = [];
  const folders = new Set<string>();
  const folder = (name: string) => {
    if (folders.has(name)) return;
    folders.add(name);
    if (name.includes("/")) folder(name.slice(0, name.lastIndexOf("/")));
    places.push({ name, mode: 0o755, kind: "directory" });
  };
  const put = (path: string, bytes: Uint8Array, mode = 0o644) => {
    const name = `${ROOT}/${path}`;
    folder(name.slice(0, name.lastIndexOf("/")));
    places.push({ name, mode, kind: "file", bytes: () => bytes });
  };
  // A file in place of a folder makes the daemon remove all of what a run before was told.
  places.push({ name: ROOT, mode: 0o644, kind: "file", bytes: () => new Uint8Array() });
  for (const [path, file] of briefing) put(path, file.bytes, file.executable ? 0o755 : 0o644);
  for (const [name, file] of commands(BUN_INSIDE, TOOLKIT_INSIDE))
    put(`bin/${name}`, file.bytes, 0o755);
  put("etc/workspace.tar", await packFolder(workspace));
  put("etc/start", Buffer.from(startOf(request)));
  put(ACTIONS, new Uint8Array(), 0o666);
  places.push({ name: `${ROOT}/source`, mode: 0o777, kind: "symlink", to: TOOLKIT_INSIDE });
  const chunks: Uint8Array[] = [];
  for await (const chunk of packPlaces(places)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** For the keeper's shell: the variables that this run needs, and its command line. */
function startOf({ argv, gateway }: { argv: string[]; gateway?: Gateway }): string {
  const variables = Object.entries(gateway?.environment(PORT_INSIDE) ?? {});
  const exports = variables.map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `${exports.join("")}set -- ${argv.map(quoted).join(" ")}\n`;
}
