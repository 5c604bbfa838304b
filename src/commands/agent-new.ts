import { logicOfFolder } from "../agent/logic.ts";
import { accept } from "../economy/result.ts";
import { errorText } from "../view/errors.ts";
import { table } from "../view/tables.ts";
import { type BirthOptions, bringIn, CREDITS_OPTION } from "./birth.ts";
import { defineCommand } from "./command.ts";
import { type Context, EXIT, kernel, printJson } from "./context.ts";

/** The citizen that every new world begins with: it lives by itself under any of the presets. */
const USUAL = "genesis";

type Options = BirthOptions & { template?: string | true };

export const agentNew = defineCommand<Options>({
  name: "new",
  summary: "make an agent from a template",
  about:
    "Makes an agent from one of the toolkit's templates, as a commit of its own: a workspace to " +
    "change as you like, credits, and one first bid that wakes it. --template without a name " +
    "lists the templates.",
  examples: [
    ["econ agent new scout", `a copy of the template ${USUAL}`],
    ["econ agent new --template", "which templates there are"],
    ["econ agent new clerk --template bash --credits 50", "a shell script with 50 credits"],
  ],
  arguments: [{ name: "[name]", about: "what it is called: a-z, 0-9 and -" }],
  options: [
    {
      flags: "--template [template]",
      about: `what it is made from (usually ${USUAL})`,
      complete: "templates",
    },
    CREDITS_OPTION,
  ],
  run: async (context, [id = ""], { template = USUAL, ...options }) => {
    const { agentTemplate, agentTemplates } = await kernel();
    const known = agentTemplates();
    if (template === true) return listTemplates(context, known, options);
    if (!known.some(({ name }) => name === template)) {
      const names = known.map(({ name }) => name).join(", ");
      return wrong(context, `there is no template ${template}; there are ${names}`);
    }
    if (id === "") return wrong(context, "what is it to be called? econ agent new NAME");
    const folder = agentTemplate(template);
    return bringIn(context, { command: "agent new", subject: `new agent ${id}`, options }, () => {
      const logic = folder.ok ? logicOfFolder(folder.value) : folder;
      if (!logic.ok) return logic;
      const how = `was made from the template ${template}`;
      return accept({ wish: { id, logic: logic.value, how } });
    });
  },
});

function wrong({ err, errLook }: Context, text: string): number {
  err(errorText(text, errLook.paint));
  return EXIT.usage;
}

function listTemplates(
  context: Context,
  known: { name: string; about: string }[],
  { json }: BirthOptions,
): number {
  if (json) return printJson(context, known);
  const rows = known.map(({ name, about }) => [name, about]);
  context.out(table([{ title: "" }, { title: "", flexible: true }], rows, context.look));
  return EXIT.ok;
}
