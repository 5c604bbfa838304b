// The `econ` command inside a run, for agents that are shell scripts, Python or anything else: a
// thin face of the same methods. Exit code: 0 done, 1 refused (the reason on stderr), 2 usage.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BUNDLE_RESOURCES, RESOURCES, type Resource } from "../economy/resources.ts";
import * as econ from "./methods.ts";

const HELP = `econ: what an agent can ask of the economy it lives in.

  econ balance                      credits you can spend now
  econ markets | market RESOURCE    supply, price, utilisation; with --json also bids and sales
  econ bids                         your own pending bids
  econ inbox | notices              your mail; what was refused or undone since you last ran
  econ agents | config | time       who lives, the rules, the cycle and its instant
  econ context | stats              what this run bought and has left; your record
  econ history [N]                  your last transfers, newest first (10)
  econ env                          everything you were told, as JSON

  econ bid --cpu SECONDS --memory MB [--tokens N] [--gpu SECONDS] [--amount CREDITS]
           [--up-to CREDITS] [--not-before CYCLE|+N] [-- COMMAND ARGUMENTS…]
                                    bid for a next run (default: the same command)
  econ raise ID AMOUNT [--up-to CREDITS]
  econ withdraw ID                  take back a bid or a waiting prompt
  econ pay TO AMOUNT [MEMO]
  econ send TO TEXT|-               a message; - reads the text from standard input
  econ spawn FOLDER CREDITS [--name NAME]
  econ prompt AMOUNT TEXT|-         bid for the human's attention

  econ try FILE [--cycles N] [--score POINTS] [--seed TEXT]
                                    what would come of a strategy (the default export of FILE, or
                                    its \`decide\`), in a private copy of the economy; nothing is
                                    done. --score: what the human gives each prompt, 0 to 10 thrice

--json where it reads gives JSON. Exit: 0 done (prints the id of what was made), 1 refused (the
reason is on standard error), 2 not understood. RULES.md explains the economy.`;

/** What the command line does not say right. */
class Usage extends Error {}

type Options = {
  json?: boolean | undefined;
  name?: string | undefined;
  amount?: string | undefined;
  cpu?: string | undefined;
  memory?: string | undefined;
  tokens?: string | undefined;
  gpu?: string | undefined;
  "up-to"?: string | undefined;
  "not-before"?: string | undefined;
};

type Call = { rest: string[]; options: Options; payload: string[] | undefined };

/** Each command with the options it takes; reading ones return text, acting ones an answer. */
type Command = {
  options: (keyof Options)[];
  /** Least and most arguments. */
  takes: [least: number, most: number];
  read?: (call: Call) => { value: unknown; text: string };
  act?: (call: Call) => econ.Done | econ.Made;
};

const AMOUNTS = ["up-to"] as const;
const BID_OPTIONS = [...AMOUNTS, "amount", "cpu", "memory", "tokens", "gpu", "not-before"] as const;

const COMMANDS: Record<string, Command> = {
  balance: reads(() => shown(econ.getBalance(), String)),
  markets: reads(() =>
    shown(econ.getAllMarkets(), (markets) => Object.values(markets).map(marketLine).join("\n")),
  ),
  market: reads(({ rest }) => shown(econ.getMarketState(resource(rest[0])), marketLine), [1, 1]),
  bids: reads(() => shown(econ.getPendingBids(), (bids) => bids.map(bidLine).join("\n"))),
  inbox: reads(() =>
    shown(econ.getInbox(), (mail) =>
      mail.map((m) => `${m.n} from ${m.from} in cycle ${m.cycle}:\n${m.content}\n`).join("\n"),
    ),
  ),
  notices: reads(() =>
    shown(econ.getNotices(), (list) => list.map((n) => `cycle ${n.cycle}: ${n.text}`).join("\n")),
  ),
  agents: reads(() => shown(econ.getAgentDirectory(), (ids) => ids.join("\n"))),
  config: reads(() => shown(econ.getConfig(), pretty)),
  time: reads(() => {
    const { cycle, time } = econ.getEnvironment();
    return shown({ cycle, time }, () => `cycle ${cycle} at ${time}`);
  }),
  context: reads(() => shown(econ.getExecutionContext(), pretty)),
  stats: reads(() => shown(econ.getExecutionStats(), pretty)),
  history: reads(
    ({ rest }) =>
      shown(econ.getTransactionHistory(rest[0] === undefined ? 10 : number(rest[0])), (list) =>
        list.map((t) => `${t.cycle} ${t.kind} ${t.from} ${t.to} ${t.amount} ${t.memo}`).join("\n"),
      ),
    [0, 1],
  ),
  env: reads(() => shown(econ.getEnvironment(), pretty)),
  bid: acts([0, 0], bid, [...BID_OPTIONS]),
  raise: acts(
    [2, 2],
    ({ rest: [id = "", amount], options }) =>
      econ.raiseBid(id, number(amount), maybe(options["up-to"])),
    [...AMOUNTS],
  ),
  withdraw: acts([1, 1], ({ rest: [id = ""] }) => econ.withdrawBid(id)),
  pay: acts([2, 3], ({ rest: [to = "", amount, memo] }) =>
    econ.transferCredits(to, number(amount), memo),
  ),
  send: acts([2, 2], ({ rest: [to = "", body = ""] }) => econ.sendMessage(to, text(body))),
  spawn: acts(
    [2, 2],
    ({ rest: [folder = "", amount], options }) =>
      econ.spawnAgent(folder, number(amount), options.name),
    ["name"],
  ),
  prompt: acts([2, 2], ({ rest: [amount, body = ""] }) =>
    econ.promptHuman(text(body), number(amount)),
  ),
};

export type Output = { code: 0 | 1 | 2; out: string; err: string };

/** One call of the command. */
export function command(argv: string[]): Output {
  const [name = "help", ...args] = argv;
  if (["help", "--help", "-h"].includes(name)) return { code: 0, out: HELP, err: "" };
  try {
    const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!known) throw new Usage(`there is no command ${JSON.stringify(name)}`);
    const call = callOf(known, args);
    if (known.read) {
      const { value, text: plain } = known.read(call);
      return { code: 0, out: call.options.json ? JSON.stringify(value) : plain, err: "" };
    }
    const answer = known.act!(call);
    if (!answer.ok) return { code: 1, out: "", err: `refused: ${answer.reason}` };
    return { code: 0, out: answer.id ?? "", err: "" };
  } catch (error) {
    const usage = error instanceof Usage ? " (see: econ help)" : "";
    return { code: 2, out: "", err: `econ ${name}: ${(error as Error).message}${usage}` };
  }
}

function callOf({ options: allowed, takes: [least, most] }: Command, args: string[]): Call {
  const split = args.indexOf("--");
  // Only a bid runs something, so that elsewhere "--" keeps its usual sense: arguments follow.
  const runs = allowed.includes("cpu") && split >= 0;
  const options = Object.fromEntries(
    allowed.map((option) => [option, { type: option === "json" ? "boolean" : "string" } as const]),
  );
  const own = runs ? args.slice(0, split) : args;
  try {
    const parsed = parseArgs({ args: own, options, allowPositionals: true });
    const rest = parsed.positionals;
    if (rest.length < least || rest.length > most)
      throw new Error(rest.length < least ? "something is missing" : `what is "${rest[most]}"?`);
    const payload = runs ? args.slice(split + 1) : undefined;
    return { rest, options: parsed.values as Options, payload };
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

function reads(read: NonNullable<Command["read"]>, takes: Command["takes"] = [0, 0]): Command {
  return { options: ["json"], takes, read };
}

function acts(
  takes: Command["takes"],
  act: NonNullable<Command["act"]>,
  options: Command["options"] = [],
): Command {
  return { options, takes, act };
}

function bid({ options, payload }: Call): econ.Made {
  const wished = {
    tokens: maybe(options.tokens),
    cpu_seconds: maybe(options.cpu),
    memory_mb: maybe(options.memory),
    gpu_seconds: maybe(options.gpu),
  };
  const named = BUNDLE_RESOURCES.filter((name) => wished[name] !== undefined);
  const resources = Object.fromEntries(named.map((name) => [name, wished[name]]));
  const [amount, upTo] = [maybe(options.amount), maybe(options["up-to"])];
  return econ.placeBid(resources, payload, { amount, upTo, notBefore: cycle(options) });
}

/** "120", or "+20": so many cycles from now. */
function cycle({ "not-before": wish }: Options): number | undefined {
  if (wish === undefined) return undefined;
  return wish.startsWith("+") ? econ.getEnvironment().cycle + number(wish.slice(1)) : number(wish);
}

function shown<T>(value: T, plain: (value: T) => string): { value: T; text: string } {
  return { value, text: plain(value) };
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function marketLine(market: econ.MarketState): string {
  const { resourceType, availableSupply, currentMarketPrice, currentUtilization } = market;
  const used = `${currentUtilization} % of ${availableSupply} sold`;
  return `${resourceType} ${currentMarketPrice} credits, ${used}, ${market.activeBids.length} bids`;
}

function bidLine({ id, amount, upTo, notBefore, resources }: ReturnType<PendingBids>[0]): string {
  const offer = `${amount ?? "market"} up to ${upTo ?? "twice that"}`;
  const when = notBefore > 0 ? ` from cycle ${notBefore}` : "";
  return `${id} ${JSON.stringify(resources)} ${offer}${when}`;
}

type PendingBids = typeof econ.getPendingBids;

function resource(name = ""): Resource {
  if ((RESOURCES as readonly string[]).includes(name)) return name as Resource;
  throw new Usage(`there is no market ${JSON.stringify(name)}: one of ${RESOURCES.join(", ")}`);
}

function number(value = ""): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new Usage(`${JSON.stringify(value)} is not a number like 12.5`);
}

function maybe(value: string | undefined): number | undefined {
  return value === undefined ? undefined : number(value);
}

function text(argument: string): string {
  return argument === "-" ? readFileSync(0, "utf8") : argument;
}

/** The one command that is not a question: it runs a whole life, so it is loaded only then. */
const MODEL = "model";

if (import.meta.main && process.argv[2] === MODEL) {
  const { live } = await import("./mind/live.ts");
  await live().catch((error: Error) => {
    console.error(`econ ${MODEL}: ${error.message}`);
    process.exitCode = 1;
  });
} else if (import.meta.main) {
  const argv = process.argv.slice(2);
  // What only a trial needs is loaded for a trial only: the other commands stay quick.
  const isTrial = argv[0] === "try";
  const { code, out, err } = isTrial
    ? await (await import("./try.ts")).tryStrategy(argv.slice(1))
    : command(argv);
  // The console is native; the streams of process.stdout would take 5 ms to load.
  if (out !== "") console.log(out.replace(/\n$/, ""));
  if (err !== "") console.error(err);
  process.exitCode = code;
}
