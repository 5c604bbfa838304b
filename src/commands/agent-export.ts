import { defineCommand } from "./command.ts";
import { inWorld } from "./context.ts";

export type ExportOptions = { out?: string; withHistory?: true; json?: true };

export const agentExport = defineCommand<ExportOptions>({
  name: "export",
  summary: "pack an agent into one file, for another world",
  about:
    "Packs an agent, living or dead, into one tar archive: a manifest with its name, lineage, " +
    "record and the world it comes from, and its workspace. The agent stays where it is, and its " +
    "money with it. The same agent gives the same bytes. Files that no world takes over, .env " +
    "files among them, are left out and named.",
  examples: [
    ["econ agent export scribe", "into scribe.tar here, or beside the world if here is inside it"],
    ["econ agent export scribe --out /tmp/scribe.tar", "into a file of your choice"],
    ["econ agent export scribe --with-history", "with its mail and the traces of its last runs"],
  ],
  arguments: [{ name: "<agent>", about: "whom to pack", complete: "agents" }],
  options: [
    { flags: "--out <file>", about: "the archive (else <agent>.tar)", complete: "files" },
    { flags: "--with-history", about: "its mail and traces as well, for people to read" },
  ],
  run: (context, [id = ""], options) =>
    inWorld(context, async (root) =>
      (await import("./parcel.ts")).pack(context, root, id, options),
    ),
});
