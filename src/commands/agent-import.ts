import { type BirthOptions, CREDITS_OPTION } from "./birth.ts";
import { defineCommand } from "./command.ts";
import { withOverview } from "./context.ts";

export type ImportOptions = BirthOptions & { name?: string };

export const agentImport = defineCommand<ImportOptions>({
  name: "import",
  summary: "bring an agent in from an archive",
  about:
    "Makes an agent of an archive that econ agent export has made, as a commit of its own: the " +
    "same workspace byte for byte, with the world it comes from and its lineage there on record. " +
    "Money does not travel: it starts with new credits and one first bid, as every newborn. The " +
    "archive is checked as a stranger's: it is taken whole or refused.",
  examples: [
    ["econ agent import scribe.tar", "under the name it had"],
    ["econ agent import scribe.tar --name poet --credits 200", "another name, 200 credits"],
    ["econ agent import scribe.tar --dry-run", "what the archive says, and what it would cost"],
  ],
  arguments: [{ name: "<file>", about: "the archive", complete: "files" }],
  options: [
    { flags: "--name <name>", about: "what it is called here (else as there)" },
    CREDITS_OPTION,
    { flags: "--dry-run", about: "only tell; change nothing" },
  ],
  run: (context, [file = ""], options) =>
    withOverview(context, async ({ rules }) =>
      (await import("./parcel.ts")).unpack(context, file, rules, options),
    ),
});
