// What an agent's archive says of it. It comes from strangers: nothing in it is believed beyond its
// shape, nothing in it moves money, and nobody has signed it.
import * as z from "zod";
import { formatAmount } from "../economy/money.ts";
import type { Agent, Folder } from "../economy/state.ts";
import * as field from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";
import { moment, originSchema } from "./records.ts";
import { type Checked, checkText, type Parsed } from "./schema.ts";

export const MANIFEST = "econ-agent.json";
/** Raised when an older econ would misread an archive. */
const PARCEL_FORMAT = 1;

/** An agent's record grows with every world and generation: so many travel. */
export const LINEAGE_MAX = 100;
export const ORIGINS_MAX = 20;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const lineage = z.array(field.id).max(LINEAGE_MAX);
const manifestSchema = z.strictObject({
  format: z.literal(PARCEL_FORMAT),
  id: field.id,
  lineage,
  origins: z.array(originSchema.extend({ lineage })).max(ORIGINS_MAX),
  world: z.strictObject({
    id: field.worldId,
    commit: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, "a commit's hash"),
    ...moment.shape,
  }),
  record: z.strictObject({
    created: moment,
    executions: field.counter,
    earned: field.amount,
    spent: field.amount,
    death: z.strictObject({ ...moment.shape, cause: z.string().max(10_000) }).optional(),
  }),
  workspace: z.strictObject({
    files: count,
    bytes: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256"),
  }),
});

export type Manifest = z.output<typeof manifestSchema>;

/** An agent as it stands, in the words of a manifest. `seed` stays at home: ties follow from it. */
export function manifestOf(
  agent: Agent,
  folder: Folder,
  world: { seed: string; commit: string; cycle: number; time: string },
): Manifest {
  const { id, createdCycle, createdAt, executions, earned, spent, death } = agent;
  const kept = ({ lineage, ...origin }: Agent["origins"][number]) => ({
    ...origin,
    lineage: lineage.slice(0, LINEAGE_MAX),
  });
  return {
    format: PARCEL_FORMAT,
    id,
    lineage: agent.lineage.slice(0, LINEAGE_MAX),
    origins: agent.origins.slice(0, ORIGINS_MAX).map(kept),
    world: { id: worldIdOf(world.seed), commit: world.commit, cycle: world.cycle, at: world.time },
    record: {
      created: { cycle: createdCycle, at: createdAt },
      executions,
      earned,
      spent,
      ...(death && { death }),
    },
    workspace: measureOf(folder),
  };
}

/** The name by which other worlds know a world: the same for all branches and clones of it. */
function worldIdOf(seed: string): string {
  return sha256([`econ world\0${seed}`]).slice(0, 16);
}

/** How many files and bytes, and a digest of paths, bytes and what may be executed. */
export function measureOf(folder: Folder): Manifest["workspace"] {
  const paths = [...folder.keys()].sort();
  const files = paths.map((path) => ({ path, ...folder.get(path)! }));
  const parts = files.flatMap(({ path, bytes, executable }) => [
    `${JSON.stringify(path)} ${executable ? "x" : "-"} ${bytes.length}\n`,
    bytes,
  ]);
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return { files: files.length, bytes, sha256: sha256(parts) };
}

function sha256(parts: (string | Uint8Array)[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest("hex");
}

export function manifestText(manifest: Manifest): string {
  const { record } = manifest;
  const earned = formatAmount(record.earned);
  const spent = formatAmount(record.spent);
  return canonicalJson({ ...manifest, record: { ...record, earned, spent } });
}

export function readManifest(text: string): Checked<Manifest> {
  const parsed = parseJson(text);
  const format = formatIn(parsed);
  if (typeof format !== "number" || format === PARCEL_FORMAT)
    return checkText(manifestSchema, parsed, MANIFEST);
  const message = `format: this econ reads archives of format ${PARCEL_FORMAT}, got ${format}`;
  return { ok: false, problems: [{ file: MANIFEST, line: null, message }] };
}

/** Before anything else: another format may have other keys. */
function formatIn(parsed: Parsed): unknown {
  const value = parsed.ok ? parsed.value : null;
  return typeof value === "object" && value !== null && "format" in value ? value.format : null;
}
