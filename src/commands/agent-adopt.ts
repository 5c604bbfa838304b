import { basename, resolve } from "node:path";
import { type BirthOptions, bringIn, CREDITS_OPTION } from "./birth.ts";
import { defineCommand } from "./command.ts";

type Options = BirthOptions & { name?: string };

export const agentAdopt = defineCommand<Options>({
  name: "adopt",
  summary: "take over an agent's folder from elsewhere",
  about:
    "Makes an agent of a folder that belongs to another runtime for agents as files: AGENTS.md, " +
    "SOUL.md, HEARTBEAT.md, MEMORY.md, memory/ and skills/ as they are there. Its files are " +
    "copied byte for byte, and the folder itself is left alone. Tells what was understood, what " +
    "was left out and why (git's folders, node_modules, .env files, links, what is too large), " +
    "and what its first run will cost.",
  examples: [
    ["econ agent adopt ../clawd --dry-run", "what would be understood and left out"],
    ["econ agent adopt ../clawd", "under the folder's name, as a commit of its own"],
    ["econ agent adopt ../clawd --name molly --credits 300", "another name, 300 credits"],
  ],
  arguments: [{ name: "<folder>", about: "the folder with its AGENTS.md", complete: "files" }],
  options: [
    { flags: "--name <name>", about: "what it is called (else as the folder)" },
    CREDITS_OPTION,
    { flags: "--dry-run", about: "only tell; change nothing" },
  ],
  run: async (context, [given = ""], { name, ...options }) => {
    const { adoptionOf, adoptionJson, adoptionView } = await import("./adoption.ts");
    const folder = resolve(context.cwd, given);
    const id = name ?? nameFrom(folder);
    const act = { command: "agent adopt", subject: `adopt ${id}`, options };
    return bringIn(context, act, (economy) => {
      const adopted = adoptionOf(folder, given, economy.rules);
      if (!adopted.ok) return adopted;
      const { logic, ...adoption } = adopted.value;
      return {
        ok: true,
        value: {
          wish: { id, logic, how: "was adopted from a folder" },
          notes: () => [adoptionView(adoption, economy.rules, context.look)],
          facts: adoptionJson(adoption, economy.rules),
        },
      };
    });
  },
});

/** "My Agent" → "my-agent": a name like the folder's, as far as it can be one. */
function nameFrom(folder: string): string {
  const plain = basename(folder).normalize("NFKD").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 32);
}
