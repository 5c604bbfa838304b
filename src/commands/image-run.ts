// What `econ image` does, apart from its words, so that help does not load the Docker client.
import { connectEngine, type Engine, errorLine } from "../execution/engine.ts";
import { BASE, buildImage, imageRefusal, imageState } from "../execution/image.ts";
import { makeLocalBase } from "../execution/local-base.ts";
import { TOOLKIT } from "../execution/toolkit.ts";
import { safeLine } from "../view/safe-text.ts";
import { facts, hint } from "../view/tables.ts";
import { type Context, EXIT, fail, misused, printJson } from "./context.ts";
import { progressOn } from "./progress.ts";

type Options = { base?: string; local?: true; json?: true };

export async function runImage(
  context: Context,
  act: string | undefined,
  options: Options,
): Promise<number> {
  if (act !== undefined && act !== "build") {
    return misused(context, `econ image knows "build", not ${JSON.stringify(act)}`);
  }
  if (options.base !== undefined && options.local) {
    return misused(context, "--base and --local both name a base; give one of them");
  }
  const engine = await connectEngine();
  if (!engine.ok) return fail(context, engine.reason);
  try {
    return await (act
      ? build(context, engine.value, options)
      : show(context, engine.value, options));
  } catch (error) {
    return fail(context, `the Docker daemon failed: ${safeLine(errorLine(error))}`);
  }
}

async function show(context: Context, engine: Engine, { json }: Options): Promise<number> {
  const state = await imageState(engine, TOOLKIT);
  if (json) return printJson(context, state);
  const rows: [string, string][] = [
    ["image", state.tag],
    ["state", imageRefusal(state) ?? "it is there, and of this econ"],
  ];
  if (state.older.length > 0) rows.push(["older", state.older.join(", ")]);
  context.out(facts(rows, context.look));
  if (state.older.length > 0)
    context.out(`\n${hint("Older ones can go: docker image rm NAME.", context.look)}`);
  return EXIT.ok;
}

async function build(context: Context, engine: Engine, options: Options): Promise<number> {
  const progress = progressOn(context);
  const onLine = (line: string) => progress.line(`building: ${safeLine(line)}`);
  try {
    onLine("the base");
    const made = options.local ? await makeLocalBase(engine) : null;
    if (made && !made.ok) return fail(context, made.reason);
    const base = made?.value ?? options.base ?? BASE;
    const built = await buildImage(engine, { toolkit: TOOLKIT, base, onLine });
    progress.clear();
    if (!built.ok) return fail(context, safeLine(`${built.reason}${remedy(options)}`));
    if (options.json) return printJson(context, { tag: built.value, base });
    context.out(`Built ${built.value} on ${base}.`);
    return EXIT.ok;
  } finally {
    progress.clear();
  }
}

/** For a machine that reaches no registry. */
function remedy({ base, local }: Options): string {
  if (base !== undefined || local) return "";
  return "; without a registry: econ image build --local, or --base with an image that is there";
}
