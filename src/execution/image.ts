// The image that agents run in. Its name holds a hash of what the toolkit put into it, so that an
// image of an older toolkit is never taken for the present one.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Engine, EngineInfo, Image } from "./engine.ts";
import { type Place, packPlaces } from "./tar.ts";
import { imageFiles } from "./toolkit.ts";

const NAME = "econ-agent";
/** On every image that was built here, with the same hash as in its name. */
const LABEL = "econ.toolkit";
export const BASE = "debian:bookworm-slim";
const DOCKERFILE = "Dockerfile.agent";

/** The name of the image that fits this toolkit and this Bun. */
export function imageTag(toolkit: string): string {
  const hash = createHash("sha256");
  hash.update(`${Bun.version} ${Bun.revision} ${process.arch}\n`);
  hash.update(readFileSync(join(toolkit, DOCKERFILE)));
  for (const [host, inside] of imageFiles(toolkit)) {
    // Of a package its version is enough: an installer checks that it has the bytes of it.
    const isPackage = inside.startsWith("node_modules/");
    const files = isPackage ? [join(host, "package.json")] : filesBelow(host);
    for (const file of files) {
      hash.update(`${inside}${file.slice(host.length)}\0`);
      hash.update(readFileSync(file));
    }
  }
  return `${NAME}:${hash.digest("hex").slice(0, 16)}`;
}

/** Regular files at or below a place, in a fixed order. */
function filesBelow(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  const entries = readdirSync(place, { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(place, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    });
}

export type ImageState = {
  tag: string;
  state: "current" | "older" | "none";
  /** Of images that were built here for another toolkit. */
  older: string[];
};

export async function imageState(engine: Engine, toolkit: string): Promise<ImageState> {
  const tag = imageTag(toolkit);
  const [current, all] = await Promise.all([engine.image(tag), engine.images(LABEL)]);
  const older = all.flatMap(namesOf).filter((other) => other !== tag);
  const state = current ? "current" : older.length > 0 ? "older" : "none";
  return { tag, state, older };
}

/** One whose name went to a newer image is known by its id alone. */
function namesOf({ id, tags }: Image): string[] {
  const names = tags.filter((name) => name !== "<none>:<none>");
  return names.length > 0 ? names : [id.replace("sha256:", "").slice(0, 12)];
}

/** Null when the image is there and fits; else what to do, in one line. */
export function imageRefusal({ state }: ImageState): string | null {
  if (state === "current") return null;
  if (state === "older") return "the image is of an older econ; run: econ image build";
  return "there is no image for agents yet; run: econ image build";
}

export type BuildRequest = {
  toolkit: string;
  base: string;
  onLine: (line: string) => void;
};

/** Builds the image and names it, without a network once the base is there. */
export async function buildImage(
  engine: Engine,
  { toolkit, base, onLine }: BuildRequest,
): Promise<Result<string>> {
  const info = await engine.info();
  const stranger = otherMachine(info);
  if (stranger) return refuse(stranger);
  const tag = imageTag(toolkit);
  const labels = { [LABEL]: tag.slice(NAME.length + 1) };
  const context = packPlaces(contextOf(toolkit));
  const built = await engine.build(context, { tag, base, labels, onLine });
  return built.ok ? accept(tag) : refuse(`the image was not built: ${built.reason}`);
}

const MACHINES: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

/** Bun is copied into the image from here. */
function otherMachine({ architecture }: EngineInfo): string | null {
  const own = MACHINES[process.arch] ?? process.arch;
  if (architecture === own) return null;
  return `the Docker daemon is on ${architecture}, this econ on ${own}; build it on one like it`;
}

/** Written as it is read: Bun alone is a hundred megabytes. */
function* contextOf(toolkit: string): Generator<Place> {
  const file = (name: string, from: string): Place => {
    const mode = statSync(from).mode & 0o111 ? 0o755 : 0o644;
    return { name, mode, kind: "file", bytes: () => readFileSync(from) };
  };
  yield file(DOCKERFILE, join(toolkit, DOCKERFILE));
  yield { ...file("bun", realpathSync(process.execPath)), mode: 0o755 };
  for (const [host, inside] of imageFiles(toolkit)) {
    for (const path of filesBelow(host)) {
      yield file(`toolkit/${inside}${path.slice(host.length)}`, path);
    }
  }
}
