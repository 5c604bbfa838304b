// A base for the image from this system's own Debian packages: no registry, no network. A short
// list of packages, what they depend on, and of those the files that dpkg lists; nothing that this
// machine has written since, so no account, key or setting of it gets in.
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Engine } from "./engine.ts";

export const LOCAL_BASE = "econ-base:local";

const PACKAGES = [
  ...["base-files", "bash", "dash", "coreutils", "tar", "gzip", "sed", "grep", "findutils"],
  ...["diffutils", "mawk", "gawk", "util-linux", "procps", "libc-bin", "ca-certificates", "curl"],
  ...["python3-minimal"],
];
const FIELDS = ["Package", "Status", "Provides", "Pre-Depends", "Depends"];
/** Without these there is no run. */
const NEEDED = ["dash", "coreutils", "tar", "grep", "findutils"];
/** What the packages make when they are set up, and what they cannot do without. */
const MADE = ["/etc/ld.so.cache", "/etc/ssl/certs/ca-certificates.crt", "/usr/bin/awk", "/bin/sh"];
const LEFT_OUT = new RegExp(
  "^/usr/share/(doc|man|info|locale|lintian|bash-completion|i18n)(/|$)" +
    "|^/etc/(shadow|gshadow|passwd|group)",
);
const ROOT_LINKS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/** Makes the base and hands it to the daemon; its name is the outcome. */
export async function makeLocalBase(engine: Engine): Promise<Result<string>> {
  const files = localFiles();
  if (!files.ok) return files;
  const tar = Bun.spawn(
    ["tar", "-C", "/", "--no-recursion", "--null", "-T", "-", "--numeric-owner", "-cf", "-"],
    { stdin: Buffer.from(files.value.join("\0")), stdout: "pipe", stderr: "pipe" },
  );
  const [loaded, said] = await Promise.all([
    engine.load(Readable.fromWeb(tar.stdout as never), LOCAL_BASE),
    tar.stderr.text(),
  ]);
  if ((await tar.exited) !== 0) return refuse(`tar of this system's packages failed: ${said}`);
  return loaded.ok ? accept(LOCAL_BASE) : refuse(`the base was not taken: ${loaded.reason}`);
}

/** Places below the root that exist here, each by its real folder. */
function localFiles(): Result<string[]> {
  const query = ["dpkg-query", "-W", "-f", `${FIELDS.map((name) => `$\{${name}}`).join("\\t")}\\n`];
  if (!Bun.which("dpkg-query")) {
    return refuse("--local needs Debian's dpkg; name a base image instead: --base IMAGE");
  }
  const packages = closureOf(Bun.spawnSync(query).stdout.toString());
  const missing = NEEDED.filter((name) => !packages.includes(name));
  if (missing.length > 0) return refuse(`--local needs the packages ${missing.join(", ")}`);
  const listed = Bun.spawnSync(["dpkg-query", "-L", ...packages])
    .stdout.toString()
    .split("\n");
  const places = new Set<string>();
  for (const path of [...listed, ...MADE]) {
    if (!path.startsWith("/") || LEFT_OUT.test(path)) continue;
    for (const place of placesOf(path)) places.add(place);
  }
  for (const link of ROOT_LINKS) if (kindOf(link) !== null) places.add(link.slice(1));
  return accept([...places].toSorted());
}

function kindOf(path: string): "link" | "other" | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return null;
  return found.isSymbolicLink() ? "link" : "other";
}

/** The path with its folders' links resolved, as in a merged /usr; and where it leads. */
function placesOf(path: string): string[] {
  const kind = kindOf(path);
  if (kind === null) return [];
  const real = path === "/" ? "/" : join(realpathSync(dirname(path)), basename(path));
  if (real === "/" || /^\/(proc|sys|dev|run|home|root)(\/|$)/.test(real)) return [];
  const here = real.slice(1);
  if (kind !== "link" || !readlinkSync(path).startsWith("/etc/alternatives/")) return [here];
  const alternative = readlinkSync(path);
  return [here, alternative.slice(1)];
}

/** The wished packages that are installed, with all they depend on. */
function closureOf(table: string): string[] {
  const needs = new Map<string, string[]>();
  const providers = new Map<string, string>();
  for (const line of table.split("\n")) {
    const [name = "", status = "", provides = "", ...depends] = line.split("\t");
    if (!status.endsWith(" installed")) continue;
    needs.set(name, namesIn(depends.join(",")));
    for (const other of namesIn(provides)) providers.set(other, name);
  }
  const taken = new Set<string>();
  const waiting = [...PACKAGES];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const found = needs.has(name) ? name : providers.get(name);
    if (found === undefined || taken.has(found)) continue;
    taken.add(found);
    waiting.push(...(needs.get(found) ?? []));
  }
  return [...taken].toSorted();
}

/** "libc6 (>= 2.34), a | b" → libc6, a, b: of alternatives, those that are installed. */
function namesIn(list: string): string[] {
  return list
    .split(/[,|]/)
    .map((one) => one.trim().split(/[\s(:]/)[0] ?? "")
    .filter((name) => name !== "");
}
