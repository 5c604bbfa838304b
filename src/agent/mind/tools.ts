// The four tools that a mind has, and what it is told when it uses them wrongly. Nothing that a
// model sends as input may end the run: each is looked at, and a mistake is an answer to it.
import { quote } from "../../economy/ids.ts";
import { type Result, refuse } from "../../economy/result.ts";
import type { Clock } from "./clock.ts";
import { edit, read, write } from "./files.ts";
import type { Roots } from "./paths.ts";
import { shell } from "./shell.ts";
import type { Tool, ToolUse } from "./wire.ts";

export type Hands = Roots & { clock: Clock; env(): Record<string, string> };

type Fields = Record<string, unknown>;
type Use = (hands: Hands, input: Fields) => Result<string> | Promise<Result<string>>;

const words = { type: "string" };
const number = { type: "integer" };

const TOOLS: (Tool & { use: Use })[] = [
  {
    name: "shell",
    description:
      "Run bash in /workspace for at most so many seconds (10). Long output is cut in the middle.",
    input_schema: schema({ command: words, seconds: number }, ["command"]),
    use: (hands, input) => {
      const command = textIn(input, "command");
      if (!command.ok) return command;
      if (command.value.includes("\0")) return refuse("command: has a NUL character");
      const seconds = countIn(input, "seconds");
      if (!seconds.ok) return seconds;
      return shell({ ...hands, env: hands.env() }, command.value, seconds.value);
    },
  },
  {
    name: "read",
    description:
      "Read a text file below /workspace or /econ; offset is the first line, limit lines.",
    input_schema: schema({ path: words, offset: number, limit: number }, ["path"]),
    use: (hands, input) => {
      const path = textIn(input, "path");
      if (!path.ok) return path;
      const offset = countIn(input, "offset");
      if (!offset.ok) return offset;
      const limit = countIn(input, "limit");
      return limit.ok ? read(hands, path.value, offset.value, limit.value) : limit;
    },
  },
  {
    name: "write",
    description: "Write a file in /workspace, all of it.",
    input_schema: schema({ path: words, content: words }, ["path", "content"]),
    use: (hands, input) => {
      const path = textIn(input, "path");
      if (!path.ok) return path;
      const content = textIn(input, "content");
      return content.ok ? write(hands, path.value, content.value) : content;
    },
  },
  {
    name: "edit",
    description: "Replace the text old, which must occur exactly once in a file, by new.",
    input_schema: schema({ path: words, old: words, new: words }, ["path", "old", "new"]),
    use: (hands, input) => {
      const path = textIn(input, "path");
      if (!path.ok) return path;
      const old = textIn(input, "old");
      if (!old.ok) return old;
      const now = textIn(input, "new");
      return now.ok ? edit(hands, path.value, old.value, now.value) : now;
    },
  },
];

/** As the model is told of them. */
export const tools: Tool[] = TOOLS.map(({ name, description, input_schema }) => ({
  name,
  description,
  input_schema,
}));

/** Do what the model asks for. Refused: what it did wrong, for it to read. */
export async function useTool(hands: Hands, { name, input }: ToolUse): Promise<Result<string>> {
  const tool = TOOLS.find((known) => known.name === name);
  if (!tool) return refuse(`there is no tool ${quote(name)}: shell, read, write, edit`);
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return refuse("the input must be an object");
  return tool.use(hands, input as Fields);
}

function schema(properties: object, required: string[]): object {
  return { type: "object", properties, required };
}

function textIn(input: Fields, name: string): Result<string> {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  if (typeof value === "string") return { ok: true, value };
  return refuse(`${name}: expected a text`);
}

/** A whole number of at least 1, or not given. */
function countIn(input: Fields, name: string): Result<number | undefined> {
  const value = Object.hasOwn(input, name) ? (input[name] ?? undefined) : undefined;
  if (value === undefined) return { ok: true, value };
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1)
    return { ok: true, value };
  return refuse(`${name}: expected a whole number of at least 1`);
}
