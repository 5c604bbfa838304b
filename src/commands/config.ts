import { toCredits } from "../economy/money.ts";
import { mapAmounts } from "../economy/rule-amounts.ts";
import { nearest } from "../world/schema.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { EXIT, misused, printJson, withOverview } from "./context.ts";

export const config = defineCommand<{ json?: true }>({
  name: "config",
  summary: "the rules in force",
  about:
    "Shows the rules of this world as econ.yaml and the defaults make them; what differs from " +
    "the defaults is marked. With a name, only that rule or group. To change a rule, edit " +
    "econ.yaml: the next cycle checks it, commits it as your edit, and goes by it.",
  examples: [
    ["econ config", "all rules"],
    ["econ config economy", "one group"],
    ["econ config economy.spawn_cost", "one rule"],
    ["econ config --json | jq .pricing", "for a script"],
  ],
  arguments: [{ name: "[rule]", about: 'a rule or group, like "economy" or "pricing"' }],
  options: [JSON_OPTION],
  run: (context, [under = ""], { json }) =>
    withOverview(context, async ({ rules }) => {
      const { configView, settingsOf } = await import("../view/config.ts");
      const settings = settingsOf(rules, under);
      if (settings.length === 0) return misused(context, unknownRule(under, settingsOf(rules, "")));
      if (json) return printJson(context, pick(mapAmounts(rules, toCredits), under));
      context.out(configView(settings, context.look));
      return EXIT.ok;
    }),
});

/** The value at a dotted key; a name within it (of a model) may have dots of its own. */
function pick(rules: unknown, under: string): unknown {
  if (under === "") return rules;
  for (const [name, value] of Object.entries(rules as object)) {
    if (under === name) return value;
    const found = under.startsWith(`${name}.`) ? pick(value, under.slice(name.length + 1)) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Names the nearest rule or group, as the errors about econ.yaml do. */
function unknownRule(wanted: string, all: { key: string }[]): string {
  const groups = all.flatMap(({ key }) =>
    key.split(".").map((_, i, parts) => parts.slice(0, i + 1).join(".")),
  );
  const near = nearest(wanted, [...new Set(groups)]);
  const advice = near ? `did you mean ${near}?` : "`econ config` lists them all";
  return `no rule ${JSON.stringify(wanted)}; ${advice}`;
}
