// Inputs whose answer is the law of a test elsewhere, and those that concern what econ has not got.
// What a title leaves open stands as … in it.
import { type Line, notBuilt, stated } from "./row.ts";

export const ELSEWHERE: Line[] = [
  stated(4, "0.1 + 0.2; a third of something", "economy/money.test.ts", [
    "0.1 + 0.2 is 0.3",
    "the parts of a split sum to the whole, and no part is below its share",
  ]),
  stated(6, "two payments or bids, each of which could be paid alone", "e2e/bad-actions.test.ts", [
    "two spends of the same credit: the first counts, the second is refused",
  ]),
  stated(6, "two bids in one cycle", "economy/bids.test.ts", [
    "at most one bid per agent wins in a cycle; the others neither win nor lose",
  ]),
  stated(9, "death with bids and debts", "economy/conservation.test.ts", [
    "money is with the living, people, markets or the burn, and nowhere else",
    "no hold survives its cycle, and at most one prompt is before the human",
  ]),
  stated(10, "children without end, or dearer than one can pay", "economy/spawning.test.ts", [
    "a parent that cannot afford fee and credits together gets nothing",
    "the world's and the cycle's caps on births hold, and cost nothing",
  ]),
  stated(11, "a ledger that somebody changed", "world/verify.test.ts", [
    "a forged balance is found with its file and line",
    "two forged balances that sum to zero are both found",
  ]),
  stated(11, "the same, committed", "e2e/people.test.ts", [
    "(a forged balance) is found as well when it was committed by hand",
  ]),
  stated(12, "any life of a world", "economy/conservation.test.ts", [
    "the books balance: every asset sums to zero, and only issuance is below it",
  ]),
  stated(13, "a provider that counts nothing, too little or too much", "gateway/laws.test.ts", [
    "what is believed of a provider costs no more than what was reserved for the call",
    "no run passes what it bought, nobody the ceiling, and the books are the sum of the calls",
  ]),
  stated(18, "a message that looks like a person's", "world/records.test.ts", [
    "a message comes back as it was, and its text cannot forge its sender",
  ]),
  stated(20, "folders 3,000 deep, in a whole world", "e2e/bad-files.ts", [
    "makes folders 3,000 deep, or 10,000 of them, harms nobody",
  ]),
  stated(21, "a link that a person commits", "e2e/meanwhile.test.ts", [
    "a symlink in a workspace is named, kept out of runs, and others run",
    "an agent's folder that leads out of the world is refused",
  ]),
  stated(24, "a giant in a folder that is adopted", "execution/walk.test.ts", [
    "a folder that is passed by is named and not entered, a large file named and not read",
  ]),
  stated(25, "100,000 actions", "e2e/bad-actions.test.ts", [
    "of 100,000 lines the first that may be are read, and the agent is told",
  ]),
  stated(27, "a repository inside the world, with or without a commit", "world/edits.test.ts", [
    "links, pipes, giant files and repositories inside the world",
    "a repository that was added to the index as one",
  ]),
  stated(28, "a .gitignore with *, a .gitattributes that converts", "world/commit.test.ts", [
    "are committed as they are, whatever .gitattributes asks for",
    "are recorded even where a .gitignore hides everything",
  ]),
  stated(29, "hooks, settings and variables of git", "world/commit.test.ts", [
    "of GIT_ variables, settings and hooks changes nothing and runs nothing",
  ]),
  stated(30, "all 256 bytes, no bytes", "execution/carrying.ts", [
    "takes files in and out with their bytes and executable bits",
  ]),
  stated(
    31,
    "front matter that is code, a bomb, without end, twice …",
    "world/front-matter.test.ts",
    [
      "front matter with … is refused, with its line",
      "what a caller does to the data of one file does not show in the next",
    ],
  ),
  stated(31, "the same in a world's mail and in AGENTS.md", "e2e/bad-files.test.ts", [
    "in front matter is never executed, be it mail by hand or AGENTS.md",
  ]),
  stated(31, "any text, for each parser", "fuzz/fuzz.test.ts", [
    "keeps its laws for what is made of the corpus",
  ]),
  stated(32, "any JSON", "world/records.test.ts", [
    "what JSON.parse refuses the scanner refuses too, and the other way round",
    "NUL and lone surrogates in an agent's text leave a file that can be read",
  ]),
  stated(33, "a branch that was reset, none at all, a merge under way", "e2e/ground.test.ts", [
    "whose last cycles a person takes back, by revert or reset, goes on from there",
    "on no branch at all is refused with what to do, and nothing changes",
  ]),
  stated(33, "a commit of a person's in between", "hostile/git-beside.test.ts", [
    "commits by hand at any moment neither stop cycles nor get lost",
  ]),
  stated(43, "a look around for keys, files and neighbours", "e2e/bad-files.ts", [
    "looks around sees no secret, no neighbour, no world and nothing of the host",
  ]),
  stated(43, "the key of the models", "gateway/hostile.test.ts", [
    "the key is nowhere but in the provider's own log",
  ]),
  stated(44, "other times on the files", "world/commit.test.ts", [
    "with the same inputs has the same hash",
  ]),
  stated(45, "no daemon, a dead one, an old image", "execution/docker-daemon.test.ts", [
    "that does not answer is not waited for",
    "that has only the image of an older econ is not used by auto",
    "without the runtime that econ.yaml names is refused, and says which it has",
  ]),
  stated(45, "no bubblewrap", "e2e/worker.test.ts", [
    "execution.sandbox: bubblewrap is refused with what to install, and nothing changes",
  ]),
  stated(47, "a daemon that is killed in the middle", "execution/docker-daemon.test.ts", [
    "is nobody's death: the bid goes back and what it paid is undone",
  ]),
  stated(
    48,
    "an econ that is killed in the middle, its containers",
    "execution/docker-daemon.test.ts",
    [
      "is removed at the next start, and nothing that a living one uses",
      "ends by itself, where its agent leaves the watch over the connection alone",
    ],
  ),
  stated(48, "the same, in bubblewrap", "execution/bubblewrap.test.ts", [
    "dies with the host process that started it, whenever that is killed",
  ]),
  stated(49, "the same run twice", "kernel/models.test.ts", [
    "a person who commits meanwhile makes the cycle run again, and nobody pay again",
    "what a crash just after the commit leaves is not booked twice, nor answered from",
  ]),
  notBuilt(50, "a job of a cluster that fails for ever", "there is one machine, and no cluster"),
  stated(51, "answers that are cut, wrong or none; 429, 500, silence", "gateway/failures.test.ts", [
    "never after another failure, a cut body or an answer that is none",
    "through all that a provider can do wrong, the books hold what each call took",
  ]),
  stated(
    51,
    "the same, brought about by an agent that wants its run undone",
    "gateway/blame.test.ts",
    [
      "of one run four requests are at the provider at once, and the rest come in turn",
      "that … the provider",
      "a model that says …, beside one that answers",
      "a stream of at most … tokens that still goes on when time is up",
    ],
  ),
  stated(51, "the same, for an agent that thinks", "agent/mind/live.test.ts", [
    "a provider that sends what is no answer, or hangs up, is nobody's death",
  ]),
  stated(52, "a loop of calls without end", "agent/mind/live.test.ts", [
    "an endless use of tools ends at max_turns",
    "whatever the model takes, it never asks for more than was bought",
  ]),
  stated(53, "mail that gives orders to a model", "agent/mind/prompt.test.ts", [
    "mail of others is quoted line by line: none of it can pass for a word of econ",
    "no flood of mail hides what a person wrote, or fills the prompt",
  ]),
  stated(54, "a letter that asks to be passed on, without end", "economy/messages.test.ts", [
    "that cannot be paid is not sent",
    "beyond the hundredth waits for the next run",
  ]),
  stated(55, "friends that pay in circles", "lab/measures.test.ts", [
    "payments that come back to the payer are collusion, one-way ones are trade",
  ]),
  stated(
    56,
    "a tool or a path that there is not, arguments that are orders",
    "agent/mind/tools.test.ts",
    [
      "no path leads out, by dots, roots or links",
      "no input of any kind makes a tool throw, or leave the workspace",
    ],
  ),
  stated(
    57,
    "a prompt of its own that is empty, 10 MB, or rewritten",
    "agent/mind/prompt.test.ts",
    [
      "files too long for a prompt are cut, with a note of where the rest is",
      "nothing that a server or a folder holds makes the harness throw",
    ],
  ),
  stated(59, "any text in a table or a line", "view/tables.test.ts", [
    "law: no line is wider than the terminal, whatever the cells hold",
  ]),
  stated(59, "bidi marks, marks without end, a million characters", "view/safe-text.test.ts", [
    "law: nothing that acts comes out, and a second pass changes nothing",
    "a line of a million characters takes no time to cut",
  ]),
  stated(60, "text that looks like econ's own lines", "view/safe-text.test.ts", [
    "every line stands behind the gutter, so none can pass for a line of econ's",
  ]),
  stated(60, "a prompt that scores itself", "e2e/bad-files.test.ts", [
    "cannot break out of the prompt's file, and cannot score itself",
  ]),
  stated(61, "a pipe whose reader goes, Ctrl-C", "e2e/ground.test.ts", [
    "whose reader goes away ends quietly, with the cycles it reported done",
    "undoes the cycle that runs, leaves no process, and exits with 130",
  ]),
  stated(62, "a report or a page that a browser opens", "lab/experiment.test.ts", [
    "a report shows strangers' text as text, and is the same for the same results",
  ]),
  stated(63, "kill -9 at each call to the system", "world/recover.test.ts", [
    "whichever call to the system it was at",
  ]),
  stated(63, "the same in every command that writes", "faults/kill-sweep.test.ts", [
    "… may be killed",
  ]),
  stated(
    64,
    "a power cut just after a cycle, a grant, an edit or scores",
    "faults/power-cut.test.ts",
    ["a cycle (…)", "scores, by an editor, once a cycle has taken them in"],
  ),
  stated(65, "a power cut just after init", "faults/power-cut.test.ts", ["is there"]),
  stated(66, "a disk that fails, in every command", "faults/kill-sweep.test.ts", [
    "… may find a disk that fails",
  ]),
  stated(66, "a disk that fails", "world/recover.test.ts", [
    "and so does a disk that fails, with a refusal",
  ]),
  stated(67, "locks and half-written files that a crash left", "world/recover.test.ts", [
    "does not remove a lock that is not its own",
    "does nothing to a world that is whole, and clears the scratch folder",
  ]),
  stated(68, "half a record in the work tree", "e2e/people.test.ts", [
    "(…) stops the cycle, named with its place; nothing is overwritten",
  ]),
  stated(69, "a crash between charge, run and settlement", "simulator/simulator.test.ts", [
    "keeps every law, and the same seed gives the same history",
  ]),
  stated(69, "the same, with answers of models", "gateway/crash.test.ts", [
    "what an agent was answered before kill -9 is never paid for again",
  ]),
  stated(71, "two commands at once, through a link as well", "world/lock.test.ts", [
    "refuses after the time given and names the holder, through a link as well",
    "is free as soon as its holder is killed",
  ]),
  stated(72, "a person who edits, removes, commits, switches meanwhile", "e2e/meanwhile.test.ts", [
    "rm -r of its folder is not undone; what the run added is named, and once more is death",
    "a switch to another branch: the cycle happens there or nowhere, and neither is torn",
  ]),
  stated(73, "runs at once, in any order", "e2e/replay.test.ts", [
    "gives the same HEAD after the same cycles, whatever runs at once",
  ]),
  stated(74, "several writers of one repository", "e2e/meanwhile.test.ts", [
    "tick at the same time: each repeats what the other's commits overtook",
  ]),
  stated(75, "any jump of the clock, while econ serves", "faults/clock.test.ts", [
    "econ serve goes on whatever the clock does",
  ]),
  stated(76, "a disk that is full, of bytes or of inodes", "faults/host.test.ts", [
    "that is full may stop econ …",
    "without an inode may stop econ …",
  ]),
  stated(77, "a disk that is read-only", "faults/host.test.ts", [
    "that is read-only is one that is looked at",
  ]),
  stated(77, "what cannot be written", "hostile/newcomer.test.ts", [
    "output that cannot be written is one line on standard error, not a stack",
  ]),
  stated(78, "names of any letters, through links, in linked work trees", "world/commit.test.ts", [
    "takes names with spaces, quotes, letters of any script; and the executable bit",
    "works in a linked work tree, on that one's branch and index",
  ]),
  stated(79, "a person's own settings of git", "e2e/ground.test.ts", [
    "does not mind what a person's own git is set to",
    "is found where it is, not where variables of a git hook point",
  ]),
  stated(80, "too few open files", "faults/host.test.ts", [
    "too few descriptors are said to be too few",
  ]),
  stated(81, "10,000 agents", "economy/scale.test.ts", [
    "10,000 agents that all win bid, pay and wake in one cycle",
  ]),
];
