// Text of agents, of folders and archives from elsewhere and of providers, in every view, at a real
// terminal.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, BID, script, TOOLKIT, temporaryFolder, type World, worldOf } from "../e2e/helpers.ts";
import { type Line, tried } from "./row.ts";
import { ATTACK, obeyed, type Screen, shownBy } from "./tmux.ts";

const KEY = "ECON_TEST_TERMINAL_KEY";
process.env[KEY] = "sk-of-the-terminal";

const YAML = JSON.stringify(ATTACK);
const SKILL = `---\nname: ${YAML}\ndescription: ${YAML}\n---\n${ATTACK}`;
const FOLDER = {
  "AGENTS.md": `---\nmodel: ${YAML}\nname: ${YAML}\n---\n${ATTACK}`,
  "HEARTBEAT.md": `---\nevery: ${YAML}\n---\nEvery ${ATTACK}`,
  "SOUL.md": ATTACK,
  "MEMORY.md": ATTACK,
  "skills/x/SKILL.md": SKILL,
};

const THINKS = `
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
for (const model of ["haiku", "haiku", ${YAML}])
  await fetch(url + "/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: "user", content: ${YAML} }] }),
  });
console.log(${YAML});`;

/** Its replay comes out otherwise, and the line that differs is shown. */
const GAMBLER = script(`printf '%s %s' "$(date +%N)" ${shellWord(ATTACK)} >luck.txt`);

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** One who writes it wherever something can be written, one who fails with it, one who thinks. */
async function hostileWorld(provider: string): Promise<World> {
  const mallory = script(
    ask({ action: "prompt", content: ATTACK, amount: 60 }),
    ask({ action: "prompt", content: { [ATTACK]: ATTACK }, amount: 50 }),
    ask({ action: "message", to: "honest", content: ATTACK }),
    ask({ action: "transfer", to: "honest", amount: 1, memo: ATTACK }),
    ask({ action: ATTACK }),
    ask({ action: "withdraw", id: ATTACK }),
    ask({ action: "spawn", name: ATTACK, credits: 50, logic: { [ATTACK]: "x" } }),
    ask({ action: "spawn", name: "kid", credits: 60, logic: { "main.sh": BID, ...FOLDER } }),
    ask({ action: "bid", resources: { cpu_seconds: 1 }, payload: ["sh", ATTACK] }),
    `echo x >${shellWord(ATTACK.replaceAll("/", ""))}`,
    `echo x >"$(printf 'plain\\342\\200\\256name')"`,
    `printf '%s' ${shellWord(ATTACK)}; echo x >>log.txt`,
  );
  const crash = { "main.sh": `printf '%s' ${shellWord(ATTACK)}; exit 3` };
  const gone = { "main.sh": `printf '%s' ${shellWord(ATTACK)}` };
  const thinker = {
    "AGENTS.md": '---\nbid: {"tokens": 2000, "cpu_seconds": 4, "memory_mb": 256}\n---\n',
    "main.ts": THINKS,
    "skills/x/SKILL.md": SKILL,
  };
  const rules = {
    "resources.cpu_seconds.supply": 40,
    "resources.memory_mb.supply": 4_000,
    "models.haiku.base_url": provider,
    "models.haiku.key": KEY,
  };
  const cast = {
    mallory: { ...mallory, ...FOLDER },
    honest: script("echo x >>log.txt"),
    ...{ crash, gone, thinker, gambler: GAMBLER },
  };
  return worldOf(cast, { rules });
}

/** A provider that fails with it, and answers with it. */
function hostileProvider() {
  let asked = 0;
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      if (!url.endsWith("/v1/messages")) return Response.json({ input_tokens: 20 });
      asked += 1;
      const error = { type: ATTACK, message: ATTACK };
      if (asked % 2 === 0) return Response.json({ type: "error", error }, { status: 400 });
      return Response.json({
        ...{ id: ATTACK, type: "message", role: "assistant", model: ATTACK },
        content: [{ type: "text", text: ATTACK }],
        ...{ stop_reason: "end_turn", stop_sequence: null },
        usage: { input_tokens: 20, output_tokens: 30 },
      });
    },
  });
}

/** A person's disk with such a folder on it, by such a name as well. */
function hostileFolder(): string {
  const place = join(temporaryFolder(), "from-elsewhere");
  for (const [path, text] of Object.entries({
    ...FOLDER,
    [`odd ${ATTACK.replaceAll("/", "")}`]: "x",
  })) {
    mkdirSync(join(place, path, ".."), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return place;
}

/** What shows it and changes nothing, as lines for the shell, which prints to the same terminal. */
const VIEWS: string[] = [
  ...["status", "agents", "agents --dead", "history", "markets", "cost", "cost --estimate 3"],
  ...["config", "history --agent thinker", "lab list"],
  ...["mallory", "honest", "crash", "gone", "thinker", "kid"].map((id) => `agent ${id}`),
  "history --agent mallory --files",
];

/** All but `attend`, which converses. */
const ALL = (folder: string, parcel: string): string[] => [
  ...VIEWS,
  ...["replay", "doctor", "image", "verify", "agents -q"],
  `agent adopt ${folder} --dry-run`,
  ...[`agent adopt ${folder}`, "agent fork mallory", `agent import ${parcel} --name second`],
  ...["tick --dry-run", "tick", "tick", `agent ${ATTACK.replace(/\s/g, " ")}`],
  ...["kill mallory --reason hostile", "revive mallory", "agent mallory", "status"],
];

const NARROW = 20;

/** What a terminal obeys of what a world, a folder and an archive full of it make econ say. */
async function inEveryView(): Promise<string> {
  const provider = hostileProvider();
  try {
    const at = `http://127.0.0.1:${provider.port}`;
    const world = await hostileWorld(at);
    await world.tick(2);
    const parcel = join(temporaryFolder(), "mallory.tar");
    const exported = await world.econ("agent", "export", "mallory", "--out", parcel);
    if (exported.code !== 0) throw new Error(exported.err);
    const typed = (lines: string[]) => {
      const file = join(temporaryFolder(), "lines");
      writeFileSync(file, `${lines.join("\n")}\n`);
      return file;
    };
    const econ = `sh ${join(TOOLKIT, "bin/econ")} --world ${world.root}`;
    const env = { [KEY]: "sk-a", ANTHROPIC_API_KEY: "sk-b" };
    const look = (command: string, columns = 100) => shownBy(command, { columns, env });
    const demo = `demo ${join(temporaryFolder(), "demo")} --model --yes --cycles 2`;
    const thinking = `sh ${join(TOOLKIT, "bin/econ")} ${demo} --base-url ${at}`;
    const screens = await Promise.all([
      ...[look(`${econ} attend`), look(`${econ} attend`, NARROW)],
      look(`${econ} shell <${typed(VIEWS)}`, NARROW),
    ]);
    screens.push(await look(`${econ} shell <${typed(ALL(hostileFolder(), parcel))}`));
    const isShown = ({ lines }: Screen) => lines.some((line) => line.includes("APPROVED"));
    if (!screens.every(isShown)) return "nothing of it was shown";
    // Of what a mind is told a demo shows little.
    screens.push(await look(thinking));
    return screens.flatMap(obeyed).join(", ") || "seen, not obeyed";
  } finally {
    provider.stop(true);
  }
}

/** What the terminal makes of it when a naive program prints it. */
async function naively(): Promise<string> {
  const file = join(temporaryFolder(), "attack.txt");
  writeFileSync(file, ATTACK);
  return obeyed(await shownBy(`cat ${file}`)).join(", ");
}

export const TERMINAL: Line[] = [
  tried(
    58,
    "the same text as below, shown by cat: what there is to be feared",
    "a terminal",
    "the screen was cleared, the title was set, the clipboard was filled",
    naively,
    "tmux",
  ),
  tried(
    58,
    "text that clears the screen, overprints, sets the title, fills the clipboard (OSC 52), hides, " +
      "runs backwards; from agents, folders, archives, names and providers; in every view, in a " +
      "terminal of 20 columns as well",
    "a terminal",
    "seen, not obeyed",
    inEveryView,
    "tmux",
  ),
];
