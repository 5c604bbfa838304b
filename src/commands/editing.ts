// `econ agent edit`, loaded when it is needed.
import { dirname, join } from "node:path";
import { bidsOf, type Economy } from "../economy/state.ts";
import { loadEconomy, planTick } from "../kernel.ts";
import { unknownAgent } from "../view/agent.ts";
import { outlooksOf } from "../view/outlook.ts";
import { mindOf } from "../view/portrait.ts";
import { safeLine } from "../view/safe-text.ts";
import { readText } from "../world/files.ts";
import { parseFrontMatter } from "../world/front-matter.ts";
import { workspaceOf } from "../world/layout.ts";
import { refuseInWorld } from "../world/path-rules.ts";
import { portraitOf } from "../world/portrait.ts";
import { hasRealParents, kindOf, readFound } from "../world/work-files.ts";
import { sourceOf } from "./archive.ts";
import { type Context, EXIT, fail, failWith, printJson } from "./context.ts";

type Wish = { root: string; id: string; file: string; json: boolean };

export async function edit(context: Context, wish: Wish): Promise<number> {
  const { root, id, file, json } = wish;
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return failWith(context, loaded.problems);
  const { economy } = loaded.value;
  const path = `${workspaceOf(id)}/${file}`;
  const wrong = whyNot(economy, root, { id, file, path });
  if (wrong) return fail(context, wrong);
  if (context.stdin.isTTY !== true || context.outWidth === null)
    return fail(context, `an editor needs a terminal; edit ${path} in another way`);
  const place = join(root, path);
  const before = bytesAt(place);
  const code = await openEditor(context, root, place);
  if (code !== 0) return fail(context, `the editor ended with exit code ${code}`);
  const changed = !before.equals(bytesAt(place));
  const plan = await planTick(root);
  if (json) {
    const problems = plan.ok ? [] : plan.problems;
    printJson(context, { file: path, changed, problems });
    return plan.ok ? EXIT.ok : EXIT.problems;
  }
  if (!changed) context.out(`${safeLine(path)} is as it was.`);
  else context.out(consequences(economy, root, { id, file, path }));
  return plan.ok ? EXIT.ok : failWith(context, plan.problems);
}

type Target = { id: string; file: string; path: string };

/** Only a regular file, or a new one beside others, below a real workspace. */
function whyNot(economy: Economy, root: string, { id, file, path }: Target): string | null {
  if (economy.dead.has(id)) return `${id} is dead; to bring it back: econ revive ${id}`;
  if (!economy.agents.has(id)) return unknownAgent(economy, id);
  const wrong = refuseInWorld(file);
  if (wrong) return `${JSON.stringify(file)}: ${wrong}`;
  if (!hasRealParents(root, path, new Set())) return `${path} does not lie below real folders`;
  const kind = kindOf(join(root, path));
  if (kind !== "file" && kind !== "missing") return `${path} is ${kind}`;
  const folder = dirname(path);
  if (kind === "missing" && kindOf(join(root, folder)) === "missing")
    return `there is no folder ${folder}`;
  return null;
}

function bytesAt(place: string): Buffer {
  const found = readFound(place);
  return Buffer.from(found.kind === "file" ? found.file.bytes : []);
}

/**
 * The editor's words are split by the shell, as git does it. It stands in the world's folder, never
 * in the agent's, whose files an editor might obey; a Ctrl-C in it is the editor's.
 */
async function openEditor({ env }: Context, root: string, place: string): Promise<number> {
  const editor = env.VISUAL || env.EDITOR || "vi";
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    const child = Bun.spawn(["sh", "-c", `${editor} "$@"`, editor, place], {
      cwd: root,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    return await child.exited;
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** What a changed file will do, and when. */
function consequences(economy: Economy, root: string, { id, file, path }: Target): string {
  const [next] = outlooksOf(economy, bidsOf(economy, id));
  const when = next?.state === "not due" ? `, from cycle ${next.bid.notBefore} on` : "";
  const lines = [
    `${path} is changed. The next cycle commits it as yours;`,
    `${id} goes by it when it next runs${when}.`,
  ];
  if (file === "AGENTS.md") lines.push(...frontMatterSays(economy, root, id));
  return lines.map(safeLine).join("\n");
}

function frontMatterSays(economy: Economy, root: string, id: string): string[] {
  const text = readText(join(root, workspaceOf(id), "AGENTS.md"));
  if (!text.ok) return [`But it ${text.reason}.`];
  const parsed = parseFrontMatter(text.value);
  if (!parsed.ok) return [`But its front matter is not understood: ${parsed.reason}.`];
  const source = sourceOf(root, economy, { id, living: economy.agents.get(id) });
  if (!source.ok) return [];
  const [mind, name] = mindOf(portraitOf(source.value.folder), economy.rules);
  return [`Its ${mind}: ${name}.`];
}
