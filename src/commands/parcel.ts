// `econ agent export` and `import`, loaded when they are needed.
import { existsSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { logicOfFolder } from "../agent/logic.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { loadWith, openParcel, packParcel, parcelBytesMax } from "../kernel.ts";
import { manifestJson, packedView, parcelView } from "../view/parcel.ts";
import type { Problem } from "../world/change.ts";
import { readBytes } from "../world/files.ts";
import { type Manifest, ORIGINS_MAX } from "../world/manifest.ts";
import type { ExportOptions } from "./agent-export.ts";
import type { ImportOptions } from "./agent-import.ts";
import { historyIn, sourceOf } from "./archive.ts";
import { bringIn } from "./birth.ts";
import { type Context, EXIT, fail, failWith, printJson } from "./context.ts";

export async function pack(
  context: Context,
  root: string,
  id: string,
  { out, withHistory, json }: ExportOptions,
): Promise<number> {
  const loaded = await loadWith(root, (economy) => {
    const source = sourceOf(root, economy, { id, living: economy.agents.get(id) });
    const history = source.ok && withHistory ? historyIn(root, source.value.place) : null;
    return { source, history: history ?? accept(new Map()) };
  });
  if (!loaded.ok) return failWith(context, loaded.problems);
  const { economy, head } = loaded.value.loaded;
  const { source, history } = loaded.value.seen;
  if (!source.ok) return fail(context, source.reason);
  if (!history.ok) return fail(context, history.reason);
  const { agent, folder } = source.value;
  const path = placeFor(context, root, out ?? null, id);
  if (!path.ok) return fail(context, path.reason);
  const home = { ...economy, commit: head ?? "" };
  const packed = await packParcel(agent, { folder, history: history.value, home });
  const written = writeNew(path.value, packed.bytes);
  if (!written.ok) return fail(context, written.reason);
  const shown = relative(context.cwd, path.value) || path.value;
  if (json) {
    const { bytes, left } = packed;
    const manifest = manifestJson(packed.manifest);
    return printJson(context, { file: path.value, bytes: bytes.length, manifest, left });
  }
  context.out(packedView(shown, packed, context.look));
  return EXIT.ok;
}

/** In the world's own folder an archive would become part of the world with the next cycle. */
function placeFor({ cwd }: Context, root: string, out: string | null, id: string): Result<string> {
  const world = realpathSync(root);
  const isInside = (folder: string) => `${folder}${sep}`.startsWith(`${world}${sep}`);
  if (out === null) {
    const here = realpathSync(cwd);
    return accept(join(isInside(here) ? dirname(world) : here, `${id}.tar`));
  }
  const path = resolve(cwd, out);
  const folder = dirname(path);
  if (!existsSync(folder)) return refuse(`there is no folder ${folder}`);
  if (!isInside(realpathSync(folder))) return accept(path);
  return refuse(`${out} is inside the world, which would take it in: name a place outside`);
}

/** Nothing that is there is written over. */
function writeNew(path: string, bytes: Uint8Array): Result<null> {
  if (existsSync(path)) return refuse(`${path} exists already: name another file with --out`);
  try {
    writeFileSync(path, bytes, { flag: "wx" });
    return accept(null);
  } catch (error) {
    // What a full disk has left of it is no archive; what somebody else has made is theirs.
    if ((error as { code?: string }).code !== "EEXIST") rmSync(path, { force: true });
    throw error;
  }
}

export async function unpack(
  context: Context,
  file: string,
  rules: Rules,
  { name, ...options }: ImportOptions,
): Promise<number> {
  const read = readBytes(resolve(context.cwd, file), parcelBytesMax(rules));
  if (!read.ok) return fail(context, `${file} ${read.reason}`);
  const opened = await openParcel(read.value.bytes, rules);
  if (!opened.ok) return fail(context, refusalOf(file, opened.problems));
  const { manifest, folder } = opened.value;
  const id = name ?? manifest.id;
  const act = { command: "agent import", subject: `import ${id}`, options };
  return bringIn(context, act, (economy) => {
    const logic = logicOfFolder(folder);
    if (!logic.ok) return logic;
    const how = `was imported from world ${manifest.world.id}`;
    return accept({
      wish: { id, logic: logic.value, origins: originsOf(manifest), how },
      notes: () => [parcelView(opened.value, economy, context.look)],
      facts: { manifest: manifestJson(manifest) },
    });
  });
}

function refusalOf(file: string, [first]: Problem[]): string {
  const place = first?.file ? `${first.file}${first.line === null ? "" : `:${first.line}`}: ` : "";
  return `${file} cannot be imported: ${place}${first?.message ?? ""}`;
}

function originsOf({ id, world, lineage, origins }: Manifest) {
  const last = { id, world: world.id, cycle: world.cycle, lineage };
  return [last, ...origins].slice(0, ORIGINS_MAX);
}
