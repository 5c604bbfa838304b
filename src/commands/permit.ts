import { openRepository } from "../world/git.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { EXIT, fail, printJson, withOverview } from "./context.ts";

export const permit = defineCommand<{ list?: true; json?: true }>({
  name: "permit",
  summary: "let a world from elsewhere do what its rules ask for",
  about:
    "The rules of a world may ask to run agents without a sandbox, to send a key to an endpoint, " +
    "or to let agents reach a host. In a world that you made or whose econ.yaml you edited here " +
    "you have said so. In one that you cloned, or after a pull, cycles wait until you permit it. " +
    "Your yes stays on this machine (in .git). With --list it only says what is asked for.",
  examples: [
    ["econ permit --list", "what the rules ask for, and what is not permitted yet"],
    ["econ permit", "permit all of it"],
  ],
  options: [{ flags: "--list", about: "only show it" }, JSON_OPTION],
  run: (context, _, { list, json }) =>
    withOverview(context, async ({ rules }, root) => {
      const {
        permissionsAsked,
        permissionsMissing,
        permit: permitAll,
      } = await import("../kernel/permissions.ts");
      const asked = permissionsAsked(rules);
      const repo = await openRepository(root);
      if (!repo.ok) return fail(context, repo.reason);
      const missing = permissionsMissing(repo.value, rules);
      if (!list) permitAll(repo.value, rules);
      const wait = list ? missing : [];
      if (json) return printJson(context, { asked, missing: wait });
      if (asked.length === 0) context.out("The rules of this world ask for nothing special.");
      const isNew = (each: string) => (missing.includes(each) ? (list ? "not yet" : "now") : "is");
      for (const each of asked) context.out(`${isNew(each).padEnd(7)} permitted: ${each}`);
      return EXIT.ok;
    }),
});
